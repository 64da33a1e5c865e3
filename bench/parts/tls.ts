import { randomBytes } from "node:crypto";
import { FILES_DIRECTORY, TLS_FILE } from "../../components/host/containerFiles.ts";
import { IMAGE_USERS } from "../../components/host/images.ts";
import { writeFiles } from "../../components/host/writeFiles.ts";
import {
  CONFIGURATION_FILE,
  PORT,
  pgbouncerConfiguration,
  POOLS_FILE,
  userlist,
  USERS_FILE,
} from "../../components/pooler/pgbouncer.ts";
import { renderPools } from "../../components/pooler/pools.ts";
import { tlsFiles } from "../../test/support/certificates.ts";
import { buildImage, ENGINE } from "../../test/support/images.ts";
import { eventually } from "../../test/stack/clients.ts";
import { type Comparison, measurePairs } from "../comparison.ts";
import type { Part } from "../part.ts";
import { Pgbench, type Target } from "../pgbench.ts";
import { measured } from "../progress.ts";
import { docker } from "../workspace.ts";

const CLIENTS = 16;
/** The pool is smaller than the clients, as a service's is. */
const POOL = 8;
/** About 150 MB: in memory, so that what is measured is the way to the data. */
const SCALE = 10;

/**
 * Pooled connections with TLS on both hops, as the stack has them, against the same without. One server behind two
 * PgBouncers with the stack's configuration, of which one has TLS taken out.
 */
export const tls: Part = async ({ workspace, options }) => {
  const network = `${workspace.prefix}-tls`;
  const password = randomBytes(16).toString("hex");
  const image = await buildImage("postgres");
  await docker(["network", "create", network]);
  await startServer();
  const ways = { tls: await startPooler("tls", true), plain: await startPooler("plain", false) };
  const pgbench = new Pgbench(workspace, image);
  await eventually("the server answers through both", async () => {
    await pgbench.initialize(ways.plain, SCALE);
    return true;
  });

  const comparisons: Comparison[] = [];
  for (const script of ["select-only", "simple-update"]) {
    const measure = (way: keyof typeof ways) =>
      measured(`${script}, ${way}`, () =>
        pgbench.measure(ways[way], { scripts: [script], clients: CLIENTS, seconds: options.seconds }),
      );
    for (const way of ["tls", "plain"] as const) await measure(way);
    comparisons.push({
      name: `${script}, ${CLIENTS} clients through PgBouncer`,
      subject: "TLS on both hops",
      reference: "none",
      shown: [
        { figure: "tps", unit: "tps", goal: { of: "ratio", atLeast: 0.9 } },
        { figure: "p95", unit: "ms" },
      ],
      pairs: await measurePairs(
        options.pairs * 2,
        () => measure("tls"),
        () => measure("plain"),
      ),
    });
  }
  return {
    comparisons,
    notes: [
      `TLS: pgbench, PgBouncer and one PostgreSQL server in containers of one network, prepared statements, ${POOL} server ` +
        `connections for ${CLIENTS} clients, data in memory. HAProxy passes TLS through and has the same work either way.`,
    ],
  };

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
      ...["--env", `POSTGRES_PASSWORD_FILE=${FILES_DIRECTORY}/password`, image, "standalone-postgres"],
      ...settings.flatMap((setting) => ["-c", setting]),
    ]);
  }

  async function startPooler(alias: string, withTls: boolean): Promise<Target> {
    const name = `${network}-${alias}`;
    const pooler = await buildImage("pgbouncer");
    const configuration = pgbouncerConfiguration(100);
    const pool = { hosts: ["server"], port: 5432, database: "postgres", size: POOL, reserve: 0 };
    const pools = renderPools({ postgres: { ...pool, maxConnections: POOL, maxClients: 100 } });
    await writeFiles(
      { docker: ENGINE, volume: `${name}-files`, image: pooler, user: IMAGE_USERS.pgbouncer },
      {
        ...(await tlsFiles(alias)),
        [CONFIGURATION_FILE]: (withTls
          ? configuration
          : configuration
              .replace("server_tls_sslmode = verify-full", "server_tls_sslmode = disable")
              .replace("client_tls_sslmode = require", "client_tls_sslmode = disable")
        ).replace(POOLS_FILE, `${FILES_DIRECTORY}/pools.ini`),
        [`${FILES_DIRECTORY}/pools.ini`]: pools,
        [USERS_FILE]: userlist("postgres", password),
      },
    );
    await docker([
      ...["run", "--detach", "--init", "--name", name, "--network", network, "--network-alias", alias],
      ...["--volume", `${name}-files:${FILES_DIRECTORY}`, pooler],
    ]);
    const target = { host: alias, network, port: PORT, database: "postgres", user: "postgres", password };
    return { ...target, tls: withTls };
  }
};
