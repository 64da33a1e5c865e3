import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { inSession, type ServerConnection } from "../../../lib/postgres/session.ts";
import { eventually } from "../../../testing/eventually.ts";
import {
  CONFIGURATION_FILE,
  pgbouncerConfiguration,
  POOLS_FILE,
  userlist,
  USERS_FILE,
} from "../../../components/pgbouncer/pgbouncerConfiguration.ts";
import { type Pool, renderPools } from "../../../components/pgbouncer/databasesSection.ts";
import { CLIENTS_PER_PGBOUNCER } from "../../../components/stack/connections.ts";
import { DATABASE } from "../../../lib/names.ts";
import type { ImageName } from "../../../components/docker/images.ts";
import { tlsFiles } from "../../../testing/certificates.ts";
import { buildImage } from "../../../testing/images.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

/** A server beside a test's database, on 127.0.0.1, in a container that is thrown away. */
export interface Companion {
  container: string;
  host: string;
  port: number;
  stop(): void;
}

/** A standby that streams from the server of a test's database. */
export async function startReplica(database: StackDatabase): Promise<Companion> {
  const primary = await addressOf(database);
  const copy = "PGPASSWORD=$(cat /opt/acgs-test/password) pg_basebackup -U postgres -R -c fast -h";
  const settings = [
    "shared_preload_libraries=pg_stat_statements,pg_cron",
    "max_connections=200",
    "fsync=off",
  ];
  const companion = await start("postgres", 5432, { "/opt/acgs-test/password": database.password }, [
    ...["bash", "-c", `${copy} ${primary} -D /var/lib/postgresql/data/pgdata && exec "$@"`, "bash"],
    ...["postgres-without-patroni", ...settings.flatMap((setting) => ["-c", setting])],
  ]);
  await untilItAnswers(companion, { ...database.connection, password: database.password });
  return companion;
}

/**
 * A PgBouncer in front of a test's database.
 *
 * @param passwords  of the logins that may come, by name
 * @param poolsAt    its pools, for the address of the database's server
 */
export async function startPooler(
  database: StackDatabase,
  passwords: Record<string, string>,
  poolsAt: (server: { hosts: string[]; port: number }) => Record<string, Pool> = (server) => ({
    acgs_db: { ...server, database: "acgs_db", size: 2, reserve: 0, maxConnections: 5, maxClients: 50 },
  }),
): Promise<Companion> {
  const pools = poolsAt({ hosts: [await addressOf(database)], port: 5432 });
  const companion = await start("pgbouncer", 6432, {
    ...(await tlsFiles("pgbouncer-1")),
    // The server of these tests speaks no TLS, and neither do their clients.
    [CONFIGURATION_FILE]: pgbouncerConfiguration(CLIENTS_PER_PGBOUNCER)
      .replace("server_tls_sslmode = verify-full", "server_tls_sslmode = disable")
      .replace("client_tls_sslmode = require", "client_tls_sslmode = allow"),
    [USERS_FILE]: Object.entries(passwords)
      .map(([login, password]) => userlist(login, password))
      .join(""),
    [POOLS_FILE]: renderPools(pools),
  });
  const [user, password] = Object.entries(passwords)[0]!;
  await untilItAnswers(companion, { database: DATABASE, user, password });
  return companion;
}

const docker = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)("docker", args)).stdout.trim();

/** Where containers reach the database's server: the network address of the one that publishes its port. */
async function addressOf(database: StackDatabase): Promise<string> {
  const id = await docker("ps", "--quiet", "--filter", `publish=${database.connection.port}`);
  return docker("inspect", "--format", "{{.NetworkSettings.IPAddress}}", id);
}

async function start(
  image: ImageName,
  port: number,
  files: Record<string, string>,
  command: string[] = [],
): Promise<Companion> {
  const name = `acgs-sqltest-${image}-${randomBytes(3).toString("hex")}`;
  const stop = (): void =>
    void spawnSync("docker", ["rm", "--force", "--volumes", name], { stdio: "ignore" });
  process.once("exit", stop);
  await docker(
    // The label by which a later run finds what a killed one has left (testing/server.ts).
    ...["create", "--init", "--name", name, "--label", `acgs-sqltest.pid=${process.pid}`],
    ...["--publish", `127.0.0.1:0:${port}`, await buildImage(image), ...command],
  );
  const directory = await mkdtemp(join(tmpdir(), "acgs-sqltest-"));
  try {
    for (const [path, content] of Object.entries(files)) {
      const file = join(directory, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content, { mode: 0o644 });
    }
    await docker("cp", `${directory}/.`, `${name}:/`);
  } finally {
    await rm(directory, { recursive: true });
  }
  await docker("start", name);
  const published = await docker("port", name, `${port}/tcp`);
  return { container: name, host: "127.0.0.1", port: Number(published.split(":").at(-1)), stop };
}

type Login = Pick<ServerConnection, "user" | "password" | "database">;

async function untilItAnswers({ host, port }: Companion, login: Login): Promise<void> {
  const answers = () => inSession({ at: { ...login, host, port } }, (client) => client.query("SELECT 1"));
  await eventually("the companion answers", answers, { within: 60_000 });
}
