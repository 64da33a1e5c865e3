import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { ETCD_NAME, etcdCommand } from "../../../components/etcd/etcdCommand.ts";
import { FILES_DIRECTORY } from "../../../components/docker/containerFiles.ts";
import { writeFiles } from "../../../components/docker/writeFiles.ts";
import { ACCESS_RULES } from "../../../components/postgres/accessRules.ts";
import type { ParametersInputs } from "../../../components/postgres/applyParameters.ts";
import { type RestartMode, splitByCost } from "../../../components/postgres/catalogue.ts";
import {
  clusterRules,
  MEMBER_FILE,
  patroniMember,
  patroniSecrets,
  REST_USER,
  SECRETS_FILE,
} from "../../../components/postgres/patroni.ts";
import type { MemberAddress } from "../../../components/postgres/patroniClient.ts";
import { testAuthority, tlsFiles } from "../../../testing/certificates.ts";
import { IMAGE_USERS, type ImageName } from "../../../components/docker/images.ts";
import { buildImage, ENGINE } from "../../../testing/images.ts";
import { freePorts } from "../../../testing/ports.ts";

/** A real cluster of one or two members and one etcd, in containers that are thrown away. */
export interface TestCluster {
  members: Record<string, MemberAddress>;
  restPassword: string;
  docker(...args: string[]): Promise<string>;
  container(member: string): string;
  stop(): Promise<void>;
}

/** What Parameters get for a cluster without HAProxy and PgBouncer. @param parameters  all of them, by name */
export function parametersInputs(
  { members, restPassword }: TestCluster,
  parameters: Readonly<Record<string, string>>,
  restart: RestartMode,
): ParametersInputs {
  return {
    ...splitByCost(parameters, restart),
    restart,
    accessRules: [...ACCESS_RULES],
    clusterRules: clusterRules(Object.keys(members).length, "off"),
    members,
    restUser: REST_USER,
    restPasswords: [restPassword],
    proxies: { poolers: {}, routers: {}, poolerPasswords: [] },
  };
}

export async function startCluster(size: 1 | 2 = 2): Promise<TestCluster> {
  const aliases = ["postgres-1", "postgres-2"].slice(0, size);
  const prefix = `acgs-params-test-${randomBytes(3).toString("hex")}`;
  // As an operator may choose it.
  const restPassword = `it's"\\:%$&;#{}[]!<>|*?~^,=@/${randomBytes(12).toString("hex")}`;
  const names = ["etcd-1", ...aliases].map((alias) => `${prefix}-${alias}`);
  const clean = (): void => {
    spawnSync("docker", ["rm", "--force", "--volumes", ...names], { stdio: "ignore" });
    spawnSync("docker", ["volume", "rm", ...names.map((name) => `${name}-files`)], { stdio: "ignore" });
    spawnSync("docker", ["network", "rm", prefix], { stdio: "ignore" });
  };
  process.once("exit", clean);
  try {
    await docker("network", "create", prefix);
    const etcd = await handFiles(`${prefix}-etcd-1`, "etcd", await tlsFiles("etcd-1", ETCD_NAME.peer));
    await docker(
      ...["run", "--detach", "--init", "--name", `${prefix}-etcd-1`, "--network", prefix],
      ...["--network-alias", "etcd-1", "--volume", `${prefix}-etcd-1-files:${FILES_DIRECTORY}`],
      ...[etcd, ...etcdCommand("etcd-1", ["etcd-1"], prefix)],
    );
    const port = await freePorts(2 * size);
    const members: Record<string, MemberAddress> = {};
    for (const [i, name] of aliases.entries()) {
      const address = {
        docker: ENGINE,
        container: `${prefix}-${name}`,
        host: "127.0.0.1",
        port: port + i,
        rest: `https://127.0.0.1:${port + size + i}`,
        authority: testAuthority,
      };
      members[name] = address;
      await startMember(prefix, name, address, {
        ...(await tlsFiles(name, ETCD_NAME.client)),
        [MEMBER_FILE]: patroniMember({ scope: prefix, name, etcd: ["etcd-1:2379"] }),
        [SECRETS_FILE]: patroniSecrets(restPassword),
      });
    }
    return {
      members,
      restPassword,
      docker,
      container: (member) => `${prefix}-${member}`,
      async stop() {
        process.removeListener("exit", clean);
        clean();
        return Promise.resolve();
      },
    };
  } catch (error) {
    clean();
    throw error;
  }
}

async function startMember(
  prefix: string,
  name: string,
  { port, rest }: MemberAddress,
  files: Record<string, string>,
): Promise<void> {
  const container = `${prefix}-${name}`;
  const image = await handFiles(container, "postgres", files);
  await docker(
    ...["run", "--detach", "--init", "--name", container, "--network", prefix, "--network-alias", name],
    ...["--publish", `127.0.0.1:${port}:5432`, "--publish", `127.0.0.1:${new URL(rest).port}:8008`],
    ...["--volume", `${container}-files:${FILES_DIRECTORY}`, image],
  );
}

/** @returns the image's id */
async function handFiles(container: string, name: ImageName, files: Record<string, string>): Promise<string> {
  const image = await buildImage(name);
  await writeFiles({ docker: ENGINE, volume: `${container}-files`, image, user: IMAGE_USERS[name] }, files);
  return image;
}

async function docker(...args: string[]): Promise<string> {
  return (await promisify(execFile)("docker", args)).stdout.trim();
}
