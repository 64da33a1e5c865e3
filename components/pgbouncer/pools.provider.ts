import type * as pulumi from "@pulumi/pulumi";
import { isDeepStrictEqual } from "node:util";
import { signalContainer } from "../../lib/docker/containers.ts";
import { exec } from "../../lib/docker/exec.ts";
import { onConsole, type PgBouncerInstance } from "../../lib/pgbouncerConsole.ts";
import { anyError, nothingMissing, waitFor } from "../../lib/wait.ts";
import { untilNoneLogsInAnywhere } from "./pendingLogins.ts";
import { reconnect } from "./reconnect.ts";
import { POOLS_FILE } from "./pgbouncerConfiguration.ts";
import { hostList, parsePools, renderPools, type Pool } from "./databasesSection.ts";

interface Inputs {
  instances: Record<string, PgBouncerInstance>;
  pools: Record<string, Pool>;
  passwords: string[];
}

/** Where each entry leads. */
const addressesOf = ({ pools }: Inputs) =>
  Object.fromEntries(Object.entries(pools).map(([name, { hosts, port }]) => [name, { hosts, port }]));

/** A PgBouncer that does not show its new pools within this time is reported. In ms. */
const IN_FORCE_WITHIN = 30_000;
const POLL = 200;

async function apply({ instances, pools, passwords }: Inputs): Promise<void> {
  const file = renderPools(pools);
  for (const instance of Object.values(instances)) {
    await writePools(instance, file);
    await untilNoneLogsInAnywhere([instance], passwords);
    await signalContainer(instance, "HUP");
    await inForce(instance, pools, passwords);
  }
}

/** Replaces the file in one step, so that a PgBouncer that starts meanwhile reads the old or the new one. */
async function writePools(instance: PgBouncerInstance, file: string): Promise<void> {
  const script = 'cat > "$0.new" && sync "$0.new" && mv "$0.new" "$0"';
  await exec(instance, ["sh", "-c", script, POOLS_FILE], { input: file });
}

async function inForce(
  instance: PgBouncerInstance,
  pools: Record<string, Pool>,
  passwords: string[],
): Promise<void> {
  const look = async () => {
    const databases = await showDatabases(instance, passwords);
    const missing = Object.entries(pools).filter(([name, pool]) => !hasInForce(databases.get(name), pool));
    const surplus = [...databases.keys()].filter((name) => !(name in pools));
    const others = [...missing.map(([name]) => name), ...surplus];
    return nothingMissing(others.length === 0 ? undefined : `other pools for ${others.join(", ")}`);
  };
  await waitFor(look, {
    within: IN_FORCE_WITHIN,
    every: POLL,
    what: `${instance.container}, which was told to reload its pools, to have them`,
    remedy: `Read its log (docker logs ${instance.container}) and run the update again.`,
    waitOut: anyError,
  });
}

/** What PgBouncer says of an entry, as `SHOW DATABASES` has it. */
type Database = Record<
  | "name"
  | "host"
  | "port"
  | "pool_size"
  | "reserve_pool_size"
  | "max_connections"
  | "max_client_connections"
  | "server_lifetime",
  string | number | null
>;

/** The entries by name, from PgBouncer's console. */
async function showDatabases(
  instance: PgBouncerInstance,
  passwords: string[],
): Promise<Map<string, Database>> {
  const rows = await onConsole<Database>(instance, passwords, "SHOW DATABASES");
  return new Map(rows.filter(({ name }) => name !== "pgbouncer").map((row) => [String(row.name), row]));
}

function hasInForce(found: Database | undefined, pool: Pool): boolean {
  return (
    found !== undefined &&
    found.host === hostList(pool.hosts) &&
    Number(found.port) === pool.port &&
    Number(found.pool_size) === pool.size &&
    Number(found.reserve_pool_size) === pool.reserve &&
    Number(found.max_connections) === pool.maxConnections &&
    Number(found.max_client_connections) === pool.maxClients &&
    (pool.lifetime === undefined || Number(found.server_lifetime) === pool.lifetime)
  );
}

export const provider: pulumi.dynamic.ResourceProvider<Inputs, Inputs> = {
  async create(inputs) {
    await apply(inputs);
    return { id: "pools", outs: inputs };
  },
  async update(_id, olds, news) {
    await apply(news);
    // What is left out is taken away next, with the connections through it.
    if (!isDeepStrictEqual(addressesOf(olds), addressesOf(news)))
      await reconnect(Object.values(news.instances), news.passwords);
    return { outs: news };
  },
  async read(id, props) {
    if (!props) throw new Error("The pools of a stack cannot be imported.");
    let { pools } = props;
    for (const instance of Object.values(props.instances)) {
      const found = parsePools(await exec(instance, ["cat", POOLS_FILE]));
      if (!isDeepStrictEqual(found, props.pools)) pools = found;
    }
    const inputs = { instances: props.instances, pools, passwords: props.passwords };
    return { id, inputs, props: inputs };
  },
};
