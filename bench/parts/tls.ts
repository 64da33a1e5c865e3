import { randomBytes } from "node:crypto";
import { FILES_DIRECTORY, TLS_FILE } from "../../components/docker/containerFiles.ts";
import { IMAGE_USERS } from "../../components/docker/images.ts";
import { writeFiles } from "../../components/docker/writeFiles.ts";
import { PORT } from "../../components/pgbouncer/pgbouncerConfiguration.ts";
import { renderPools } from "../../components/pgbouncer/databasesSection.ts";
import { tlsFiles } from "../../testing/certificates.ts";
import { buildImage, ENGINE } from "../../testing/images.ts";
import { eventually } from "../../testing/eventually.ts";
import { type Comparison, measurePairs } from "../comparison.ts";
import { chainOf } from "../chain.ts";
import type { Part, PartContext } from "../part.ts";
import { type Load, Pgbench, type Target } from "../pgbench.ts";
import { openPlainWay } from "../plainWay.ts";
import { startPooler } from "../plainPgbouncer.ts";
import { measured } from "../progress.ts";
import { SERVICE_LOADS } from "../serviceLoads.ts";
import { docker } from "../workspace.ts";

const CLIENTS = 16;
/** The pool is smaller than the clients, as a service's is. */
const POOL = 8;
/** About 150 MB: in memory, so that what is measured is the way to the data. */
const SCALE = 10;

/**
 * Pooled connections with TLS on all hops, as the stack has them, against the same without: what services do most, through
 * the whole chain, and pgbench's smallest statements between PgBouncer and a server alone, where TLS weighs most.
 */
export const tls: Part = async (context) => {
  const [ofServices, smallest] = [await servicesLoads(context), await smallestStatements(context)];
  return {
    comparisons: [...ofServices, ...smallest],
    notes: [
      `TLS: services go from a container on the stack's network through PgBouncer and HAProxy to the primary, which has a replica; ` +
        `in plain through another PgBouncer with the same pools and the same HAProxy. select-only and simple-update: pgbench, ` +
        `PgBouncer and one PostgreSQL server, ${POOL} server connections for ${CLIENTS} clients, data in memory. Prepared ` +
        `statements; the load, too, encrypts and takes its part of the same processors.`,
    ],
  };
};

const WAYS = ["tls", "plain"] as const;
type Ways = Record<(typeof WAYS)[number], Target>;

/** Loads that go as fast as they can: where the rate is given, it would be the same either way. */
async function servicesLoads({ workspace, stack, options }: PartContext): Promise<Comparison[]> {
  const loads = SERVICE_LOADS.filter(({ rate }) => rate === undefined);
  await stack.ensureData(options.rows);
  const chain = await chainOf(stack);
  const plain = await openPlainWay(stack, chain, [...new Set(loads.map(({ login }) => login))]);
  const pgbench = new Pgbench(workspace, await buildImage("postgres"));
  const comparisons: Comparison[] = [];
  for (const { name, login, script, clients } of loads) {
    const ways = { tls: chain.pooled(login), plain: plain(login) };
    const load = { scripts: [script], clients, seconds: options.seconds };
    comparisons.push(await compare(pgbench, ways, name, load, options.pairs, () => stack.settle()));
  }
  return comparisons;
}

/** One server behind two PgBouncers with the stack's configuration, of which one has TLS taken out. */
async function smallestStatements({ workspace, options }: PartContext): Promise<Comparison[]> {
  const network = `${workspace.prefix}-tls`;
  const password = randomBytes(16).toString("hex");
  const image = await buildImage("postgres");
  await docker(["network", "create", network]);
  await startServer();
  const ways = { tls: await behindPooler("tls", true), plain: await behindPooler("plain", false) };
  const pgbench = new Pgbench(workspace, image);
  await eventually("the server answers through both", async () => {
    await pgbench.initialize(ways.plain, SCALE);
    return true;
  });
  const comparisons: Comparison[] = [];
  for (const script of ["select-only", "simple-update"]) {
    const load = { scripts: [script], clients: CLIENTS, seconds: options.seconds };
    comparisons.push(await compare(pgbench, ways, `${script}, ${CLIENTS} clients`, load, options.pairs * 2));
  }
  return comparisons;

  async function startServer(): Promise<void> {
    const name = `${network}-server`;
    await writeFiles(
      { docker: ENGINE, volume: `${name}-files`, image, user: IMAGE_USERS.postgres },
      { ...(await tlsFiles("server")), [`${FILES_DIRECTORY}/password`]: password },
    );
    const settings = [
      ...["ssl=on", `ssl_cert_file=${TLS_FILE.certificate}`, `ssl_key_file=${TLS_FILE.key}`],
      ...["shared_buffers=512MB", "synchronous_commit=on", "max_connections=50"],
    ];
    await docker([
      ...["run", "--detach", "--init", "--name", name, "--network", network, "--network-alias", "server"],
      ...["--stop-signal", "SIGINT", "--volume", `${name}-files:${FILES_DIRECTORY}`],
      ...["--volume", `${name}-data:/var/lib/postgresql/data`],
      ...["--env", `POSTGRES_PASSWORD_FILE=${FILES_DIRECTORY}/password`, image, "postgres-without-patroni"],
      ...settings.flatMap((setting) => ["-c", setting]),
    ]);
  }

  async function behindPooler(alias: string, withTls: boolean): Promise<Target> {
    const pool = { hosts: ["server"], port: 5432, database: "postgres", size: POOL, reserve: 0 };
    const pools = renderPools({ postgres: { ...pool, maxConnections: POOL, maxClients: 100 } });
    await startPooler({
      name: `${network}-${alias}`,
      network,
      alias,
      pools,
      users: { postgres: password },
      withTls,
    });
    const target = { host: alias, network, port: PORT, database: "postgres", user: "postgres", password };
    return { ...target, tls: withTls };
  }
}

/** @param settle  what comes between what fills caches and what counts */
async function compare(
  pgbench: Pgbench,
  ways: Ways,
  name: string,
  load: Load,
  pairs: number,
  settle: () => Promise<void> = async () => undefined,
): Promise<Comparison> {
  const measure = (way: keyof Ways) => measured(`${name}, ${way}`, () => pgbench.measure(ways[way], load));
  for (const way of WAYS) await measure(way);
  await settle();
  return {
    name,
    subject: "TLS on all hops",
    reference: "none",
    shown: [
      { figure: "tps", unit: "tps", goal: { of: "ratio", atLeast: 0.9 } },
      { figure: "p95", unit: "ms" },
    ],
    pairs: await measurePairs(
      pairs,
      () => measure("tls"),
      () => measure("plain"),
    ),
  };
}
