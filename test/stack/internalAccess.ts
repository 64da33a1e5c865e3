import { Redis } from "ioredis";
import { expect } from "vitest";
import { DEPLOYER, REDIS_ADMIN_LOGIN } from "../../lib/names.ts";
import { onConsole, type PgBouncerInstance } from "../../lib/pgbouncerConsole.ts";
import type { ParametersInputs } from "../../components/postgres/applyParameters.ts";
import { Patroni } from "../../components/postgres/patroniClient.ts";
import { type Deployment, inputsOf } from "../../lib/pulumi/deployment.ts";
import { TYPE } from "../../lib/pulumi/types.ts";
import type { StackOutputs } from "../../components/stack/outputs.ts";
import { direct, query } from "../../testing/clients.ts";

/** How deployments administer the parts of a stack, with the passwords of one version. */
export interface InternalAccess {
  /** URL of a member for the login that makes roles. */
  deployer: string;
  console: { instance: PgBouncerInstance; password: string };
  patroni: Patroni;
  redis: { ports: number[]; password: string };
}

/** @param deployment  from a state with secrets */
export function internalAccessOf(
  deployment: Deployment,
  { monitor, postgres, redis }: StackOutputs,
): InternalAccess {
  const inputs = <T>(type: string) => inputsOf<T>(deployment, type)!;
  const { password } = inputs<{ password: string }>(TYPE.postgresqlProvider);
  const pools = inputs<{ instances: Record<string, PgBouncerInstance>; passwords: string[] }>(TYPE.pools);
  const parameters = inputs<ParametersInputs>(TYPE.parameters);
  const { admin } = inputs<{ admin: { passwords: string[] } }>(TYPE.redisClusterState);
  const deployer = new URL(direct(monitor.url, postgres.members[0]!));
  Object.assign(deployer, { username: DEPLOYER, password });
  return {
    deployer: deployer.href,
    console: { instance: Object.values(pools.instances)[0]!, password: pools.passwords[0]! },
    patroni: new Patroni(parameters.members, parameters.restUser, parameters.restPasswords.slice(0, 1)),
    redis: { ports: redis.nodes.map(({ port }) => port), password: admin.passwords[0]! },
  };
}

/** Whether each part takes that password now. */
export async function administers({ deployer, console, patroni, redis }: InternalAccess) {
  const isTaken = async (attempt: Promise<unknown>) => {
    const refusal = await attempt.then(() => undefined).catch((error: Error) => error.message);
    if (refusal !== undefined) expect(refusal).toMatch(/authentication failed|401|WRONGPASS/);
    return refusal === undefined;
  };
  return {
    deployer: await isTaken(query(deployer, "SELECT 1")),
    console: await isTaken(onConsole(console.instance, [console.password], "SHOW VERSION")),
    patroni: await isTaken(patroni.patch({ pause: null })),
    redis: await isTaken(onEachNode(redis, "PING")),
  };
}

/** What each node says to a command of its administrator's. @throws Error where one refuses the password */
export function onEachNode(
  { ports, password }: InternalAccess["redis"],
  command: string,
  ...words: string[]
): Promise<unknown[]> {
  return Promise.all(
    ports.map(async (port) => {
      const node = new Redis({
        host: "127.0.0.1",
        port,
        tls: {},
        lazyConnect: true,
        enableReadyCheck: false,
      });
      node.on("error", () => undefined);
      try {
        await node.connect();
        await node.auth(REDIS_ADMIN_LOGIN, password);
        return await node.call(command, ...words);
      } finally {
        node.disconnect();
      }
    }),
  );
}
