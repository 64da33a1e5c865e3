import { randomBytes } from "node:crypto";
import type pg from "pg";
import { inject } from "vitest";
import { openSession, type ServerConnection } from "../../lib/postgres/session.ts";
import { query } from "../../testing/clients.ts";
import type {} from "./sqlGlobalSetup.ts";

/** A database of one test file on the shared server, with the role that owns all objects. */
export interface TestDatabase {
  /** What the SQL runner is given. */
  connection: ServerConnection;
  password: string;
  /** Opens a session, as the superuser unless another user is named; `drop` ends it. */
  connect(as?: { user: string; password: string }): Promise<pg.Client>;
  drop(): Promise<void>;
}

export async function createDatabase(): Promise<TestDatabase> {
  const { host, port, superuserPassword: password } = inject("sqlServer");
  const database = `test_${randomBytes(5).toString("hex")}`;
  const admin = { host, port, user: "postgres", password, database: "postgres" };
  await query(
    admin,
    // Roles belong to the server: another file may make the same one at this moment.
    `DO $$ BEGIN CREATE ROLE acgs_owner; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`,
    `CREATE DATABASE ${database} OWNER acgs_owner`,
  );
  const clients: pg.Client[] = [];
  return {
    connection: { host, port, database, user: "postgres", password },
    password,
    async connect(as = { user: "postgres", password }) {
      const client = await openSession({ at: { host, port, database, ...as } });
      clients.push(client);
      return client;
    },
    async drop() {
      for (const client of clients) await client.end().catch(() => undefined);
      await query(admin, `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
    },
  };
}
