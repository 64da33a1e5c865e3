import { DATABASE, SERVICES } from "../lib/names.ts";
import { retentionSetting } from "../components/migrations/retention.ts";
import { runSqlFiles } from "../components/migrations/runner.ts";
import { readSqlDirectory } from "../components/migrations/sqlDirectory.ts";
import { PRELOADED_LIBRARIES } from "../components/postgres/catalogue.ts";
import { accessStatements, loginPasswords, serverStatements } from "../testing/stackDatabase.ts";
import { query } from "../testing/clients.ts";
import { startServer, type Server, type ServerArgs } from "./server.ts";
import { docker, type Workspace } from "./workspace.ts";

/** A server with the stack's database: roles, schemas and tables as a stack has them, through the same runner. */
export interface SeedServer extends Server {
  /** Of the logins, by name. */
  passwords: ReadonlyMap<string, string>;
  rows<Row extends Record<string, unknown>>(statement: string): Promise<Row[]>;
}

/** Quick to load and of no use for figures: what is on disk counts from the clean stop on. */
export const LOADING: Readonly<Record<string, string>> = {
  fsync: "off",
  full_page_writes: "off",
  synchronous_commit: "off",
  wal_level: "minimal",
  max_wal_senders: "0",
  max_wal_size: "4GB",
  // Files of WAL that are kept for later would be copied with the data.
  wal_recycle: "off",
  min_wal_size: "32MB",
  checkpoint_timeout: "1h",
  maintenance_work_mem: "256MB",
  autovacuum: "off",
};

/**
 * Starts a server and makes the stack's database in it, with the files of `sql/platform` and of the schemas.
 *
 * pg_cron's jobs are taken away again: upkeep at its hour would be measured in one run and not in the next.
 */
export async function startSeedServer(
  workspace: Workspace,
  args: ServerArgs,
  schemas: readonly string[],
): Promise<SeedServer> {
  const parameters = {
    shared_preload_libraries: PRELOADED_LIBRARIES.join(","),
    max_connections: "100",
    "cron.database_name": DATABASE,
    "cron.use_background_workers": "on",
    ...args.parameters,
  };
  const server = await startServer(workspace, { ...args, parameters });
  const passwords = loginPasswords().set("postgres", server.password);
  for (const statement of serverStatements(passwords)) await server.query(statement);
  const seeded = seedServer(server, passwords);
  const services = SERVICES.filter(({ schema }) => schemas.includes(schema));
  for (const statement of accessStatements(services)) await seeded.query(statement);
  for (const schema of ["platform", ...services.map((service) => service.schema)]) {
    await applySchema(seeded, schema);
  }
  await seeded.query("SELECT cron.unschedule(jobid) FROM cron.job");
  return seeded;
}

async function applySchema(server: SeedServer, schema: string): Promise<void> {
  const settings = {
    "acgs.partition_premake_months": "1",
    "acgs.partition_retention": retentionSetting(24, {}),
  };
  const where = `sql/${schema}`;
  await runSqlFiles({
    connection: {
      ...{ host: "127.0.0.1", port: server.port, database: DATABASE },
      ...{ user: "postgres", password: server.password },
    },
    schema,
    where,
    files: await readSqlDirectory(where, settings),
    settings,
  });
}

/** The stack's database on a server that has it, for the logins of the server from which its data come. */
export function seedServer(server: Server, passwords: ReadonlyMap<string, string>): SeedServer {
  const target = {
    // pgbench shares the server's network: a port of the machine would go through a proxy of the engine.
    network: `container:${server.container}`,
    database: DATABASE,
    user: "postgres",
    password: server.password,
  };
  const connection = { ...target, host: "127.0.0.1", port: server.port };
  const rows: SeedServer["rows"] = (statement) => query(connection, statement);
  return {
    ...server,
    ...target,
    passwords,
    rows,
    query: async (statement) => {
      await rows(statement);
    },
  };
}

/** Stops a server cleanly and removes its container, not its data. */
export async function stopServer(server: Server): Promise<void> {
  await docker(["stop", "--time", "300", server.container]);
  await docker(["rm", server.container]);
}

/** Copies a stopped server's data to the volume of one that is yet to be started. */
export async function copyData(
  workspace: Workspace,
  image: string,
  from: Server,
  name: string,
): Promise<void> {
  await docker([
    ...["run", "--rm", "--name", `${workspace.prefix}-copy`, "--user", "root", "--entrypoint", "sh"],
    ...["--volume", `${from.container}-data:/from:ro`, "--volume", `${workspace.prefix}-${name}-data:/to`],
    ...[image, "-c", "cp --archive /from/. /to/ && sync /to"],
  ]);
}

/** Removes a stopped server's data. */
export async function removeData(server: Server): Promise<void> {
  await docker(["volume", "rm", `${server.container}-data`]);
}
