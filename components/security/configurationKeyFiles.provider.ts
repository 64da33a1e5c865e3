import type * as pulumi from "@pulumi/pulumi";
import type pg from "pg";
import { type ClusterConnection, inSession } from "../../lib/postgres/session.ts";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import { running } from "../../lib/docker/containers.ts";
import { CommandFailed } from "../../lib/docker/errors.ts";
import { exec } from "../../lib/docker/exec.ts";
import type { KeysByVersion } from "./configurationKeys.ts";

interface Inputs {
  keys: KeysByVersion;
  version: number;
  connection: ClusterConnection;
}

/** Where sql/platform/R__vault.sql reads it. */
export const KEYS_FILE = "/var/lib/postgresql/data/keys/configuration-keys.json";

/** A writer of settings that goes on for longer keeps the values from being encrypted anew. In ms. */
const WRITERS_END_WITHIN = 30_000;

/** The file's text. @param active  version for new values; a key of it must be among the others */
export function keysFile(active: number, keys: KeysByVersion): string {
  if (keys[active] === undefined) throw new Error(`There is no key of version ${active}.`);
  return JSON.stringify({ active, keys });
}

/** The keys without those that nothing in the database needs any more. */
function newest({ version, keys }: Inputs): KeysByVersion {
  return { [version]: keys[version]! };
}

async function apply(inputs: Inputs): Promise<void> {
  const { keys, version } = inputs;
  const { members } = inputs.connection;
  const write = (file: string) =>
    Promise.all(Object.values(members).map((member) => writeKeysFile(member, file)));
  await write(keysFile(version, keys));
  await reencrypt(inputs);
  await write(keysFile(version, newest(inputs)));
}

/**
 * Replaces a member's file in one step, readable by the server alone. The text goes through standard input: it is in no
 * command line.
 */
export async function writeKeysFile(member: ContainerAddress, file: string): Promise<void> {
  const script = 'umask 077 && mkdir -p "${0%/*}" && cat > "$0.new" && sync "$0.new" && mv "$0.new" "$0"';
  await exec(member, ["sh", "-c", script, KEYS_FILE], { input: file });
}

/** @throws with no key in the message */
async function reencrypt({ connection }: Inputs): Promise<void> {
  const anew = async (client: pg.Client) => {
    await client.query(`SET lock_timeout = ${WRITERS_END_WITHIN}`);
    await client.query("SELECT dgm.reencrypt_configurations()");
  };
  try {
    await inSession(connection, anew, { applicationName: "acgs-db settings' keys" });
  } catch (error) {
    throw new Error(
      `Sensitive settings were not encrypted with the newest key: ${(error as Error).message}. ` +
        "All keys are on the members, so every value can be read. Run the update again.",
      { cause: error },
    );
  }
}

/** Whether a member has just what an update leaves there. */
async function isInPlace(member: ContainerAddress, file: string): Promise<boolean> {
  try {
    return (await exec(member, ["cat", KEYS_FILE])) === file;
  } catch (error) {
    // There is no such file.
    if (error instanceof CommandFailed) return false;
    throw error;
  }
}

export const provider: pulumi.dynamic.ResourceProvider<Inputs, Inputs> = {
  async create(inputs) {
    await apply(inputs);
    return { id: "configuration-key-files", outs: inputs };
  },
  async update(_id, _olds, news) {
    await apply(news);
    return { outs: news };
  },
  /** A member whose file is not as it was left shows as one that is to be added. One that is stopped is not looked at. */
  async read(id, props) {
    if (!props) throw new Error("The keys of a stack cannot be imported.");
    const file = keysFile(props.version, newest(props));
    const { keys, version, connection } = props;
    const members = { ...connection.members };
    for (const [alias, address] of Object.entries(connection.members)) {
      const [up] = await running([address]);
      if (up && !(await isInPlace(address, file))) delete members[alias];
    }
    const inputs = { keys, version, connection: { ...connection, members } };
    return { id, inputs, props: inputs };
  },
};
