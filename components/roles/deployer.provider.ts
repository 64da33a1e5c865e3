import type * as pulumi from "@pulumi/pulumi";
import type pg from "pg";
import { inSession, isUnreachable } from "../../lib/postgres/session.ts";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import { type DeployerLogin, deployerStatements, isDeployer } from "./deployerLogin.ts";

interface Inputs extends DeployerLogin {
  members: Record<string, ContainerAddress>;
}

/** A new cluster has a primary in a moment; after a switchover, too. In ms. */
const PRIMARY_WITHIN = 60_000;

/** Parameters: login, verifier. */
const IN_PLACE = `SELECT ${isDeployer} AND rolpassword = $2 AS "inPlace" FROM pg_authid WHERE rolname = $1`;

function onPrimary<T>(
  { members }: Pick<Inputs, "members">,
  patienceMs: number,
  act: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const log = (line: string): void => console.log(line);
  const options = { patienceMs, log, applicationName: "acgs-db deployer" };
  return inSession({ database: "postgres", members }, act, options);
}

async function apply(inputs: Inputs): Promise<void> {
  await onPrimary(inputs, PRIMARY_WITHIN, async (client) => {
    for (const statement of deployerStatements(inputs)) await client.query(statement);
  });
}

export const provider: pulumi.dynamic.ResourceProvider<Inputs, Inputs> = {
  async create(inputs) {
    await apply(inputs);
    return { id: inputs.login, outs: inputs };
  },
  async update(_id, _olds, news) {
    await apply(news);
    return { outs: news };
  },
  /** One that is not as it was left shows as one whose verifier is to be set; a refresh works while the server is down. */
  async read(id, props) {
    if (!props) throw new Error("The deployer's login cannot be imported.");
    const { login, members, verifier } = props;
    let inPlace = true;
    try {
      inPlace = await onPrimary(props, 0, async (client) => {
        const { rows } = await client.query<{ inPlace: boolean | null }>(IN_PLACE, [login, verifier]);
        return rows[0]?.inPlace === true;
      });
    } catch (error) {
      // A refresh goes on while the server is down: its state may well be what the operator wants to mend.
      if (!isUnreachable((error as Error).cause ?? error)) throw error;
      console.log(`The login ${login} was not compared: ${(error as Error).message}`);
    }
    const inputs = { login, members, verifier: inPlace ? verifier : "" };
    return { id, inputs, props: inputs };
  },
};
