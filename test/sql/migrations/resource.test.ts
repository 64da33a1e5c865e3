import { isDeepStrictEqual } from "node:util";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type pg from "pg";
import { provider } from "../../../components/migrations/sqlSchema.provider.ts";
import type { Inputs, State } from "../../../components/migrations/sqlSchema.provider.ts";
import { readSqlDirectory } from "../../../components/migrations/sqlDirectory.ts";
import { fileInputs } from "../../../components/migrations/sqlFile.ts";
import { createDatabase } from "../../support/sqlDatabase.ts";
import type { TestDatabase } from "../../support/sqlDatabase.ts";
import { rows } from "./harness.ts";

let database: TestDatabase;
let client: pg.Client;
let directory: string;
let printed: string[];
beforeEach(async () => {
  printed = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void printed.push(line));
  database = await createDatabase();
  client = await database.connect();
  directory = join(await mkdtemp(join(tmpdir(), "acgs-sqltest-")), "app");
  await mkdir(directory);
  await file("V001__t.sql", "CREATE SCHEMA app; CREATE TABLE app.t (id int)");
  await file("R__v.sql", "CREATE OR REPLACE VIEW app.v AS SELECT id FROM app.t");
});
afterEach(async () => {
  vi.restoreAllMocks();
  await database.drop();
  await rm(join(directory, ".."), { recursive: true });
});

const file = (name: string, text: string): Promise<void> => writeFile(join(directory, name), text);

/** The inputs as the program makes them of what is on disk now. */
async function inputs(): Promise<Inputs> {
  const { connection } = database;
  const files = fileInputs(await readSqlDirectory(directory, {}));
  return { schema: "app", directory, settings: {}, connection, poolers: {}, poolerPasswords: [], files };
}

/** What the engine does in a preview: it asks for faults, then compares the inputs without the provider. */
async function preview(state: State): Promise<{ faults: string[]; changes: boolean }> {
  const news = await inputs();
  const { failures } = await provider.check!(state, news);
  const { applied: _applied, pending: _pending, ...olds } = state;
  const changes = !isDeepStrictEqual(olds, news);
  return { faults: failures!.map(({ reason }) => reason), changes };
}

test("made, unchanged, changed and made again after a failure", async () => {
  const created = await provider.create(await inputs());
  expect(created.id).toBe(`${database.connection.database}/app`);
  const state = created.outs!;
  expect(state.applied.map((applied) => applied.file)).toEqual(["V001__t.sql", "R__v.sql"]);
  expect(state.pending).toEqual([]);
  expect(printed).toEqual([
    expect.stringMatching(/\/V001__t\.sql: applied in \d+\.\d\d s$/),
    expect.stringMatching(/\/R__v\.sql: applied in \d+\.\d\d s$/),
  ]);
  expect(await preview(state)).toEqual({ faults: [], changes: false });

  await file("V002__u.sql", "CREATE TABLE app.u (id int); SELECT nonsense;");
  expect(await preview(state)).toEqual({ faults: [], changes: true });
  await expect(provider.update!("id", state, await inputs())).rejects.toThrow(
    /V002__u\.sql:1:37: column "nonsense" does not exist/,
  );
  await file("V002__u.sql", "CREATE TABLE app.u (id int)");
  const { outs } = await provider.update!("id", state, await inputs());
  expect(outs!.applied.map((applied) => applied.file)).toEqual(["V001__t.sql", "R__v.sql", "V002__u.sql"]);
  expect(await preview(outs!)).toEqual({ faults: [], changes: false });
});

test("an edited and a disappeared versioned file stop the preview", async () => {
  const state = (await provider.create(await inputs())).outs!;
  await file("V001__t.sql", "SELECT 1");
  expect((await preview(state)).faults).toEqual([
    expect.stringMatching(/V001__t\.sql was edited after it was applied/) as string,
  ]);
  await rm(join(directory, "V001__t.sql"));
  expect((await preview(state)).faults).toEqual([
    expect.stringMatching(/V001__t\.sql was applied and has disappeared/) as string,
  ]);
});

test("a new versioned file that is to run is refused by a preview; one that was applied by an earlier release is not", async () => {
  const name = "x".repeat(64);
  await file("V002__long.sql", `CREATE TABLE app.${name} ()`);
  const news = await inputs();
  const { failures, inputs: checked } = await provider.check!({} as Inputs, news);
  expect(failures).toEqual([
    {
      property: "",
      reason: `${directory}/V002__long.sql:1:18: the name ${name} is longer than 63 bytes, and the server would keep ${name.slice(1)}: shorten it`,
    },
  ]);
  // What the state of an earlier release holds.
  expect((await provider.check!(checked as Inputs, news)).failures).toEqual([]);
  expect(JSON.stringify(checked)).not.toContain("refused");
  await expect(provider.create(checked as Inputs)).rejects.toThrow("V002__long.sql:1:18: the name");
});

test("a file that changed on disk since the preview is not applied", async () => {
  const previewed = await inputs();
  await file("R__v.sql", "DROP SCHEMA app CASCADE");
  await expect(provider.create(previewed)).rejects.toThrow(
    /changed on disk since the preview: R__v\.sql\. Nothing was applied/,
  );
  expect(await rows(client, "SELECT to_regnamespace('app')")).toEqual([null]);
});

test("a refresh finds what the ledger lacks or tells otherwise, and the next update applies it", async () => {
  const state = (await provider.create(await inputs())).outs!;
  expect((await provider.read!("id", state)).props).toEqual(state);

  await client.query("DROP VIEW app.v; DELETE FROM deploy.ledger WHERE file = 'R__v.sql'");
  const { props, inputs: found } = await provider.read!("id", state);
  expect(Object.keys(props!.files)).toEqual(["V001__t.sql"]);
  expect(found!.files).toEqual(props!.files);
  expect(await preview(props!)).toEqual({ faults: [], changes: true });
  expect((await provider.update!("id", props!, await inputs())).outs).toEqual(state);
  expect(await rows(client, "SELECT to_regclass('app.v')::text")).toEqual(["app.v"]);
});

test("a refresh notices a versioned file that someone else has applied", async () => {
  const state = (await provider.create(await inputs())).outs!;
  await file("V002__other.sql", "SELECT 1");
  await provider.update!("id", state, await inputs());
  await rm(join(directory, "V002__other.sql"));
  const { props } = await provider.read!("id", state);
  expect((await preview(props!)).faults).toEqual([
    expect.stringMatching(/V002__other\.sql was applied and has disappeared/) as string,
  ]);
});

test("a refresh of an emptied database lists nothing, one of a server that is down keeps what is known", async () => {
  const state = (await provider.create(await inputs())).outs!;
  await client.query("DROP SCHEMA deploy CASCADE");
  expect((await provider.read!("id", state)).props).toMatchObject({ files: {}, applied: [] });
  const away = { ...state, connection: { ...state.connection, port: 1 } };
  expect((await provider.read!("id", away)).props).toEqual(away);
  expect(printed.at(-1)).toMatch(/: the ledger was not compared, cannot connect to 127\.0\.0\.1:1\//);
  const dropped = { ...state, connection: { ...state.connection, database: "acgs_test_no_such" } };
  expect((await provider.read!("id", dropped)).props).toMatchObject({ files: {}, applied: [] });
});

test("a deletion touches nothing", async () => {
  const state = (await provider.create(await inputs())).outs!;
  await provider.delete!("id", state);
  expect(await rows(client, "SELECT count(*)::int FROM deploy.ledger")).toEqual([2]);
  expect(await rows(client, "SELECT to_regclass('app.t')::text")).toEqual(["app.t"]);
});

test("a preview in which nothing is known yet is taken", async () => {
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  const state = (await provider.create(await inputs())).outs!;
  const news = { ...(await inputs()), connection: unknown as unknown as Inputs["connection"] };
  expect((await provider.check!(state, news)).failures).toEqual([]);
  const files = unknown as unknown as Inputs["files"];
  expect((await provider.check!(state, { ...news, files })).failures).toEqual([]);
});

test("an index that is gone or invalid shows after a refresh, and is built again", async () => {
  const index = (name: string) => `CREATE INDEX CONCURRENTLY IF NOT EXISTS ${name} ON app.t (id);`;
  await file(
    "R__indexes.sql",
    `-- acgs: concurrent\n${index("t_one")}\n${index("t_two")}\n${index('"t three"')}`,
  );
  const state = (await provider.create(await inputs())).outs!;
  const refreshed = async (known: State) => (await provider.read!("id", known)).props as State;
  expect(await preview(await refreshed(state))).toEqual({ faults: [], changes: false });

  await client.query('DROP INDEX app.t_one; DROP INDEX app."t three"');
  await client.query("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'app.t_two'::regclass");
  const found = await refreshed(state);
  expect(found.files["R__indexes.sql"]).toEqual({
    ...state.files["R__indexes.sql"],
    missingIndexes: ["t three", "t_one"],
    invalidIndexes: ["t_two"],
  });
  // Nothing piles up.
  expect(await refreshed(found)).toEqual(found);
  expect(found.files["R__v.sql"]).toEqual(state.files["R__v.sql"]);
  expect(await preview(found)).toEqual({ faults: [], changes: true });

  printed = [];
  const { outs } = await provider.update!("id", found, await inputs());
  expect(printed.filter((line) => line.includes(": applied in"))).toEqual([
    expect.stringMatching(/R__indexes\.sql: applied/) as string,
  ]);
  const { valid } = (
    await client.query<{ valid: number }>(
      "SELECT count(*)::int AS valid FROM pg_index WHERE indrelid = 'app.t'::regclass AND indisvalid",
    )
  ).rows[0]!;
  expect(valid).toBe(3);
  expect(await preview(await refreshed(outs!))).toEqual({ faults: [], changes: false });
});

test("an index that was found missing stays so while a file of its schema cannot be read", async () => {
  await file("R__i.sql", "-- acgs: concurrent\nCREATE INDEX CONCURRENTLY IF NOT EXISTS t_one ON app.t (id)");
  const state = (await provider.create(await inputs())).outs!;
  await client.query("DROP INDEX app.t_one");
  const found = (await provider.read!("id", state)).props as State;
  expect(found.files["R__i.sql"]!.missingIndexes).toEqual(["t_one"]);

  await file("oops.sql", "SELECT 1");
  expect((await provider.read!("id", found)).props).toEqual(found);
  expect(printed.at(-1)).toContain(`${directory}: its indexes were not compared, `);
});

/** What is missing or invalid after a refresh, by file, and whether the next preview shows a change. */
async function drift(state: State): Promise<{ state: State; lost: string[]; changes: boolean }> {
  const found = (await provider.read!("id", state)).props as State;
  const lost = Object.values(found.files).flatMap(({ missingIndexes = [], invalidIndexes = [] }) => [
    ...missingIndexes,
    ...invalidIndexes,
  ]);
  return { state: found, lost, changes: (await preview(found)).changes };
}

const up = async (state: State): Promise<State> =>
  (await provider.update!("id", state, await inputs())).outs!;

const indexes = (): Promise<unknown[]> =>
  rows(client, "SELECT indexname FROM pg_indexes WHERE schemaname = 'app' ORDER BY indexname");

test.each([
  ["a blank", '"t by day"', "t by day"],
  ["a capital beyond ASCII", "t_Übersicht", "t_Übersicht"],
  ["63 bytes", `T${"É".repeat(31)}`, `t${"É".repeat(31)}`],
])("an index whose name has %s is built once, and again when it is lost", async (_, written, kept) => {
  await file(
    "R__i.sql",
    `-- acgs: concurrent\nCREATE INDEX CONCURRENTLY IF NOT EXISTS ${written} ON app.t (id)`,
  );
  const state = (await provider.create(await inputs())).outs!;
  expect(await indexes()).toEqual([kept]);
  expect(await drift(state)).toMatchObject({ lost: [], changes: false });
  await client.query(`DROP INDEX app."${kept}"`);
  const lost = await drift(state);
  expect(lost).toMatchObject({ lost: [kept], changes: true });
  const mended = await up(lost.state);
  expect(await indexes()).toEqual([kept]);
  expect(await drift(mended)).toMatchObject({ lost: [], changes: false });
});

test("an index that is wanted for its file only, or was renamed, rebuilt or made a constraint, is not missed", async () => {
  const index = (name: string, unique = "") =>
    `CREATE ${unique}INDEX CONCURRENTLY IF NOT EXISTS ${name} ON app.t (id);`;
  const concurrent = (text: string) => `-- acgs: concurrent\n${text}`;
  await file("V002__key.sql", concurrent(index("t_unique", "UNIQUE ")));
  await file("V003__key.sql", "ALTER TABLE app.t ADD CONSTRAINT t_key UNIQUE USING INDEX t_unique");
  await file(
    "R__helper.sql",
    concurrent(`${index("helper")}\nDROP INDEX CONCURRENTLY IF EXISTS app.helper;`),
  );
  await file("R__indexes.sql", concurrent(`${index("t_old")}\nREINDEX INDEX CONCURRENTLY app.t_old;`));
  let state = (await provider.create(await inputs())).outs!;
  expect(await indexes()).toEqual(["t_key", "t_old"]);
  expect(await drift(state)).toMatchObject({ lost: [], changes: false });

  await file("V004__rename.sql", "ALTER INDEX IF EXISTS app.t_old RENAME TO t_new");
  await file("R__indexes.sql", concurrent(index("t_new")));
  state = await up(state);
  expect(await indexes()).toEqual(["t_key", "t_new"]);
  expect(await drift(state)).toMatchObject({ lost: [], changes: false });

  await client.query("DROP INDEX app.t_new; CREATE TABLE app.t_new ()");
  const inTheWay = await drift(state);
  expect(inTheWay.lost).toEqual(["t_new"]);
  await expect(up(inTheWay.state)).rejects.toThrow("app.t_new is there, and is no index of app.t");
  await client.query("DROP TABLE app.t_new");
  state = await up(inTheWay.state);
  expect(await indexes()).toEqual(["t_key", "t_new"]);

  await client.query("ALTER TABLE app.t RENAME TO u");
  expect(await drift(state)).toMatchObject({ lost: [], changes: false });
});
