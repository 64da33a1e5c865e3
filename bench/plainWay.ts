import { DATABASE } from "../lib/names.ts";
import { POOLS_FILE, PORT } from "../components/pgbouncer/pgbouncerConfiguration.ts";
import { ACCESS_RULES } from "../components/postgres/accessRules.ts";
import { patroniOf } from "../components/postgres/applyParameters.ts";
import { membersAccess } from "../operations/switchover/manualSwitchover.ts";
import type { Chain } from "./chain.ts";
import type { DevStack } from "./devStack.ts";
import type { Target } from "./pgbench.ts";
import { startPooler } from "./plainPgbouncer.ts";
import { docker } from "./workspace.ts";

/**
 * A way to the primary of the benchmark's own stack that is the stack's, without TLS: a PgBouncer beside its own, with the same
 * pools, to the same HAProxy, which passes on whatever comes. Every stack refuses
 * connections without TLS, so this changes Patroni's configuration; the next `up` would take that back.
 *
 * @param logins  those that it accepts
 */
export async function openPlainWay(
  stack: DevStack,
  chain: Chain,
  logins: readonly string[],
): Promise<(login: string) => Target> {
  const members = membersAccess(await stack.project.state());
  if (members === undefined) throw new Error("The benchmark's stack has no members.");
  const inPlain = `host ${DATABASE} ${logins.join(",")} samenet scram-sha-256`;
  const rules = [...ACCESS_RULES.slice(0, -1), inPlain, ...ACCESS_RULES.slice(-1)];
  await patroniOf(members).patch({ postgresql: { pg_hba: rules } });

  const own = stack.container("pgbouncer-1");
  const host = "pgbouncer-in-plain";
  await startPooler({
    name: stack.container(host),
    ...{ network: stack.prefix, alias: host, withTls: false },
    pools: await docker(["exec", own, "cat", POOLS_FILE]),
    // A proxy that has to wait for a processor slows down all: neither may have more of it than the other.
    cpuShares: Number(await docker(["inspect", "--format", "{{.HostConfig.CpuShares}}", own])),
    users: Object.fromEntries(logins.map((login) => [login, chain.pooled(login).password])),
  });
  return (login) => ({ ...chain.pooled(login), host, port: PORT, tls: false });
}
