import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DATABASE } from "../../../lib/names.ts";
import { LOGINS } from "../../../components/roles/roles.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";
import { mistakes, type Trial } from "./attempt.ts";
import { relations, routines, startWhole, type Relation, type Routine } from "./database.ts";
import { mayConnect } from "./expected.ts";
import { forbidden, onColumn, onRoutine, onSequence, onTable } from "./statements.ts";

// The same table, by what happens: every login logs in and executes every kind of statement on every object.

const PROBE = "probe";

let database: StackDatabase;
let tables: Relation[];
let sequences: Relation[];
let functions: Routine[];

beforeAll(async () => {
  const whole = await startWhole();
  database = whole.database;
  const all = await relations(whole.admin);
  sequences = all.filter(({ kind }) => kind === "S");
  tables = all.filter(({ kind }) => kind !== "S");
  functions = await routines(whole.admin);
  // Somewhere to refer from: no login may make a table anywhere.
  await whole.admin.query(`CREATE SCHEMA ${PROBE}; GRANT ALL ON SCHEMA ${PROBE} TO PUBLIC`);
});
afterAll(() => database?.stop());

/** Tries everything as every login; nothing comes out otherwise than the table says. */
async function tryAll(
  each: (login: string) => (Pick<Trial, "statement" | "allowed"> & { mayFail?: boolean })[],
  least: number,
): Promise<void> {
  const trials = LOGINS.map((login) => each(login).map((trial): Trial => ({ login, ...trial })));
  const logins = trials.values();
  const wrong: string[] = [];
  const some = async (): Promise<void> => {
    for (const ofOne of logins) {
      // For one login's time only: a failed statement leaves its transaction open, and those end after a minute.
      const session = await database.connect(ofOne[0]!.login);
      wrong.push(...(await mistakes(session, ofOne)));
      await session.end();
    }
  };
  await Promise.all([some(), some()]);
  expect(wrong).toEqual([]);
  const all = trials.flat();
  expect(all.length).toBeGreaterThan(least);
  console.log(`${all.length} statements, ${all.filter(({ allowed }) => allowed).length} of them allowed`);
}

describe("every login does what the table lets it, and nothing else", () => {
  test("to every table, view and partition", async () => {
    await tryAll((login) => tables.flatMap((table) => onTable(login, table)), 20_000);
  });

  test("to every column", async () => {
    const roots = tables.filter(({ isPartition }) => !isPartition);
    await tryAll(
      (login) =>
        roots.flatMap((table) => table.columns.flatMap((column) => onColumn(login, table, column, PROBE))),
      25_000,
    );
  });

  test("to every sequence", async () => {
    await tryAll((login) => sequences.flatMap((sequence) => onSequence(login, sequence)), 400);
  });

  test("to every function", async () => {
    // Support functions of types and indexes take values that SQL cannot write.
    const callable = functions.filter(
      ({ arguments: types }) => !types.some((type) => /^(internal|cstring|any)/.test(type)),
    );
    await tryAll(
      (login) =>
        callable.flatMap((routine) =>
          onRoutine(login, routine).map((trial) => ({ ...trial, mayFail: true })),
        ),
      2_500,
    );
  });

  test("to the server", async () => {
    await tryAll((login) => forbidden(login).map((statement) => ({ statement, allowed: false })), 500);
  });
});

test("a log-in is refused by every database but the stack's own", async () => {
  const { host, port } = database.connection;
  let tried = 0;
  for (const login of LOGINS) {
    const session = await database.connect(login);
    await session.end();
    for (const name of [DATABASE, "postgres", "template1"]) {
      const client = new pg.Client({
        host,
        port,
        database: name,
        user: login,
        password: session.password!,
      });
      client.on("error", () => undefined);
      const end = await client.connect().then(
        () => "done",
        (error: Error & { code?: string }) => error.code,
      );
      await client.end().catch(() => undefined);
      expect([login, name, end]).toEqual([login, name, mayConnect(login, name) ? "done" : "42501"]);
      tried++;
    }
  }
  expect(tried).toBe(69);
});
