import type pg from "pg";
import { openSession } from "../lib/postgres/session.ts";
import { DATABASE, SERVICES } from "../lib/names.ts";
import { runSqlFiles } from "../components/migrations/runner.ts";
import { retentionSetting } from "../components/migrations/retention.ts";
import type { Settings } from "../components/migrations/sqlFile.ts";
import { readSqlDirectory } from "../components/migrations/sqlDirectory.ts";
import { startServer } from "./server.ts";
import { accessStatements, loginPasswords, serverStatements } from "./stackDatabase.ts";

export const SETTINGS: Settings = {
  "acgs.partition_premake_months": "3",
  "acgs.partition_retention": retentionSetting(12, {}),
};

/** The database of a stack, with roles and schemas as the access component declares them, on a server of its own. */
export interface StackDatabase {
  connection: { host: string; port: number; database: string; user: string };
  password: string;
  /** Name of the server's container. */
  container: string;
  /** Opens a session, as the superuser unless another login is named. */
  connect(login?: string): Promise<pg.Client>;
  /** Applies the files of `sql/platform` and of the database's schemas that are pending. Returns those that ran. */
  apply(settings?: Settings): Promise<string[]>;
  stop(): Promise<void>;
}

/**
 * Starts a server and prepares it as `components/roles` does, from the same declarations.
 *
 * A server of its own, because pg_cron lives in one database of a server only.
 *
 * @param schemas  those of the services that it holds, such as `dgm`
 */
export function startStackDatabase(...schemas: string[]): Promise<StackDatabase> {
  return startStackDatabaseWith({}, ...schemas);
}

/**
 * The same on a server with parameters of one's own.
 *
 * @param parameters  such as the stack's own for the log
 */
export async function startStackDatabaseWith(
  parameters: Readonly<Record<string, string>>,
  ...schemas: string[]
): Promise<StackDatabase> {
  const services = SERVICES.filter(({ schema }) => schemas.includes(schema));
  const server = await startServer({
    settings: {
      "cron.database_name": DATABASE,
      "cron.use_background_workers": "on",
      track_functions: "all",
      ...parameters,
    },
  });
  const clients: pg.Client[] = [];
  const passwords = loginPasswords().set("postgres", server.superuserPassword);
  const open = async (database: string, login: string): Promise<pg.Client> => {
    const { host, port } = server;
    const password = passwords.get(login);
    if (password === undefined) throw new Error(`There is no login ${login}.`);
    const client = await openSession({ at: { host, port, database, user: login, password } });
    clients.push(client);
    return client;
  };
  try {
    const admin = await open("postgres", "postgres");
    for (const statement of serverStatements(passwords)) await admin.query(statement);
    const inside = await open(DATABASE, "postgres");
    for (const statement of accessStatements(services)) await inside.query(statement);
  } catch (error) {
    await server.stop();
    throw error;
  }
  const password = server.superuserPassword;
  const connection = { host: server.host, port: server.port, database: DATABASE, user: "postgres", password };
  return {
    connection,
    password,
    container: server.container,
    connect: (login = "postgres") => open(DATABASE, login),
    async apply(settings = SETTINGS) {
      const ran: string[] = [];
      for (const schema of ["platform", ...services.map((service) => service.schema)]) {
        const where = `sql/${schema}`;
        const files = await readSqlDirectory(where, settings);
        const run = await runSqlFiles({ connection, schema, where, files, settings });
        ran.push(...run.ran.map((file) => `${schema}/${file}`));
      }
      return ran;
    },
    async stop() {
      for (const client of clients) await client.end().catch(() => undefined);
      await server.stop();
    },
  };
}

/** The same, with all files applied. */
export async function startAppliedDatabase(...schemas: string[]): Promise<StackDatabase> {
  const database = await startStackDatabase(...schemas);
  try {
    await database.apply();
  } catch (error) {
    await database.stop();
    throw error;
  }
  return database;
}

/** The rows of a query as values; those of one column as plain ones. */
export async function rows(client: pg.Client, query: string, values: unknown[] = []): Promise<unknown[]> {
  const result = await client.query<unknown[]>({ text: query, values, rowMode: "array" });
  return result.rows.map((row) => (row.length === 1 ? row[0] : row));
}

/** The SQLSTATE with which a statement fails; undefined when it does not. */
export async function failure(
  client: pg.Client,
  query: string,
  values: unknown[] = [],
): Promise<string | undefined> {
  try {
    await client.query(query, values);
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
}
