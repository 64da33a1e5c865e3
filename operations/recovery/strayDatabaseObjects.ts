import pg from "pg";
import { DATABASE } from "../../lib/names.ts";
import { ROLES } from "../../components/roles/roles.ts";
import { inSession } from "../../lib/postgres/session.ts";
import { nothingMissing, waitFor } from "../../lib/wait.ts";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import { TYPE } from "../../lib/pulumi/types.ts";
import { resourcesOf, type Deployment } from "../../lib/pulumi/deployment.ts";

/** PostgreSQL's, by name. */
type Members = Record<string, ContainerAddress>;

/** What the program makes on the server and the state does not know; it may be there or not. */
export function unknownToState(deployment: Deployment): { roles: string[]; database: boolean } {
  const known = new Set(resourcesOf(deployment, TYPE.role).map(({ id }) => id));
  return {
    roles: Object.keys(ROLES).filter((role) => !known.has(role)),
    database: resourcesOf(deployment, TYPE.database).length === 0,
  };
}

/** The server may be starting, or electing a leader. In ms. */
const ANSWERS_WITHIN = 60_000;
const OTHERS_WITHIN = 30_000;

/**
 * Removes a role and a database that an interrupted run has made and not noted down: the next update would find their
 * names taken. Nothing that holds anything is removed: PostgreSQL refuses to drop a role that owns or may do something
 * anywhere, and a database goes only when there is no relation in it.
 *
 * @returns one line for each thing that was found
 */
export async function removeStrays(members: Members, deployment: Deployment): Promise<string[]> {
  const unknown = unknownToState(deployment);
  if (unknown.roles.length === 0 && !unknown.database) return [];
  return inDatabase(members, "postgres", async (client) => {
    const lines: string[] = [];
    await othersAreThrough(client);
    if (unknown.database) lines.push(...(await removeDatabase(client, members)));
    const { rows } = await client.query<{ rolname: string }>(
      "SELECT rolname FROM pg_roles WHERE rolname = ANY ($1)",
      [unknown.roles],
    );
    for (const { rolname } of rows) lines.push(await removeRole(client, rolname));
    return lines;
  });
}

function inDatabase<T>(
  members: Members,
  database: string,
  act: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const bounded = async (client: pg.Client) => {
    // What waits for a lock must not hold up the update for ever.
    await client.query(`SET statement_timeout = ${ANSWERS_WITHIN}`);
    return act(client);
  };
  const options = { patienceMs: ANSWERS_WITHIN, applicationName: "acgs-db recovery" };
  return inSession({ database, members }, bounded, options);
}

/** A server finishes what its client, which is gone, has sent last. */
async function othersAreThrough(client: pg.Client): Promise<void> {
  const look = async () => {
    const { rows } = await client.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity
       WHERE pid <> pg_backend_pid() AND state = 'active' AND query ~* '^\\s*create (role|database)'`,
    );
    return nothingMissing(rows.map(({ pid }) => `process ${pid}`).join(", ") || undefined);
  };
  const limits = { within: OTHERS_WITHIN, every: 500 };
  await waitFor(look, { ...limits, what: "PostgreSQL to end what an interrupted run has sent" });
}

async function removeDatabase(client: pg.Client, members: Members): Promise<string[]> {
  const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [DATABASE]);
  if (rowCount === 0) return [];
  const holds = await inDatabase(members, DATABASE, async (inside) => {
    const { rows } = await inside.query<{ n: number }>(
      `SELECT (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast'))::int
            + (SELECT count(*) FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$|public$)')::int AS n`,
    );
    return rows[0]!.n;
  });
  if (holds > 0)
    return [`database ${DATABASE} is there, unknown to the state, and holds something: it is left as it is`];
  await client.query(`DROP DATABASE ${pg.escapeIdentifier(DATABASE)} WITH (FORCE)`);
  return [`database ${DATABASE} was made and not noted down; it is empty: removed, to be made again`];
}

async function removeRole(client: pg.Client, role: string): Promise<string> {
  try {
    await client.query(`DROP TYPE.role ${pg.escapeIdentifier(role)}`);
    return `role ${role} was made and not noted down: removed, to be made again`;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== "2BP01") throw error;
    return `role ${role} is there, unknown to the state, and owns or may do something: it is left as it is`;
  }
}
