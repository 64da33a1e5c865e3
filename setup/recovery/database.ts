import pg from "pg";
import { setTimeout as sleep } from "node:timers/promises";
import { DATABASE } from "../../components/access/logins.ts";
import { ROLES } from "../../components/access/roles.ts";
import { type Trusted, verifiedTls } from "../../components/security/trust.ts";
import { messageOf } from "../fault.ts";
import { DATABASE_TYPE, resourcesOf, ROLE, type Deployment } from "./deployment.ts";

export interface ServerAccess extends Trusted {
  host: string;
  port: number;
  user: string;
  password: string;
}

/** What the program makes on the server and the state does not know; it may be there or not. */
export function unknownToState(deployment: Deployment): { roles: string[]; database: boolean } {
  const known = new Set(resourcesOf(deployment, ROLE).map(({ id }) => id));
  return {
    roles: Object.keys(ROLES).filter((role) => !known.has(role)),
    database: resourcesOf(deployment, DATABASE_TYPE).length === 0,
  };
}

/** The server may be starting, or electing a leader. In ms. */
const ANSWERS_WITHIN = 60_000;

/**
 * Removes a role and a database that an interrupted run has made and not noted down: the next update would find their
 * names taken. Nothing that holds anything is removed: PostgreSQL refuses to drop a role that owns or may do something
 * anywhere, and a database goes only when there is no relation in it.
 *
 * @returns one line for each thing that was found
 */
export async function removeStrays(access: ServerAccess, deployment: Deployment): Promise<string[]> {
  const unknown = unknownToState(deployment);
  if (unknown.roles.length === 0 && !unknown.database) return [];
  const client = await connected(access);
  const lines: string[] = [];
  try {
    await othersAreThrough(client);
    if (unknown.database) lines.push(...(await removeDatabase(client, access)));
    const { rows } = await client.query<{ rolname: string }>(
      "SELECT rolname FROM pg_roles WHERE rolname = ANY ($1)",
      [unknown.roles],
    );
    for (const { rolname } of rows) lines.push(await removeRole(client, rolname));
    return lines;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function connected(access: ServerAccess, database = "postgres"): Promise<pg.Client> {
  const deadline = Date.now() + ANSWERS_WITHIN;
  for (;;) {
    try {
      return await connect(access, database);
    } catch (error) {
      if (Date.now() > deadline)
        throw new Error(`the primary at ${access.host}:${access.port} does not answer: ${messageOf(error)}`, {
          cause: error,
        });
      await sleep(1_000);
    }
  }
}

/** @throws Error where nobody answers, or no primary */
async function connect(access: ServerAccess, database: string): Promise<pg.Client> {
  const { authority, ...server } = access;
  const client = new pg.Client({
    ...server,
    ssl: verifiedTls(server.host, { authority }),
    database,
    connectionTimeoutMillis: 5_000,
    query_timeout: 60_000,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ replica: boolean }>("SELECT pg_is_in_recovery() AS replica");
    if (rows[0]?.replica === false) return client;
    throw new Error("it is a replica");
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/** A server finishes what its client, which is gone, has sent last. */
async function othersAreThrough(client: pg.Client): Promise<void> {
  for (let attempt = 0; attempt < 60; attempt++) {
    const { rowCount } = await client.query(
      `SELECT FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND state = 'active' AND query ~* '^\\s*create (role|database)'`,
    );
    if (rowCount === 0) return;
    await sleep(500);
  }
}

async function removeDatabase(client: pg.Client, access: ServerAccess): Promise<string[]> {
  const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [DATABASE]);
  if (rowCount === 0) return [];
  const inside = await connected(access, DATABASE);
  let holds: number;
  try {
    const { rows } = await inside.query<{ n: number }>(
      `SELECT (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast'))::int
            + (SELECT count(*) FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$|public$)')::int AS n`,
    );
    holds = rows[0]!.n;
  } finally {
    await inside.end().catch(() => undefined);
  }
  if (holds > 0)
    return [`database ${DATABASE} is there, unknown to the state, and holds something: it is left as it is`];
  await client.query(`DROP DATABASE ${pg.escapeIdentifier(DATABASE)} WITH (FORCE)`);
  return [`database ${DATABASE} was made and not noted down; it is empty: removed, to be made again`];
}

async function removeRole(client: pg.Client, role: string): Promise<string> {
  try {
    await client.query(`DROP ROLE ${pg.escapeIdentifier(role)}`);
    return `role ${role} was made and not noted down: removed, to be made again`;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== "2BP01") throw error;
    return `role ${role} is there, unknown to the state, and owns or may do something: it is left as it is`;
  }
}
