import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { KEYS_FILE, provider } from "../../../components/security/configurationKeyFiles.provider.ts";
import { ENGINE } from "../../../testing/images.ts";
import { auditLines, logDuring, startAuditedDatabase } from "../audit/auditLog.ts";
import { rows, type StackDatabase } from "../../../testing/sqlServer.ts";
import {
  add,
  codeOf,
  forgetSettings,
  get,
  giveKeys,
  inContainer,
  newKey,
  set,
  versions,
} from "./settings.ts";

const MISSING_KEY = "F0000";
const SECRET = "s3cret";
const OLD = newKey();
const NEW = newKey();

let database: StackDatabase;
let admin: pg.Client;
let service: pg.Client;

beforeAll(async () => {
  database = await startAuditedDatabase("dgm");
  await database.apply();
  admin = await database.connect();
  service = await database.connect("dgm_service");
});
afterAll(() => database?.stop());

beforeEach(async () => {
  await giveKeys(database, { 1: OLD });
  await forgetSettings(admin);
});

describe("a rotation", () => {
  beforeEach(async () => {
    await add(service, "t.one", "value one");
    await add(service, "t.two", "2", "integer");
  });

  test("keeps every value readable at every step, and then needs the old key no more", async () => {
    const readable = async () =>
      expect([await get(service, "t.one"), await get(service, "t.two")]).toEqual(["value one", "2"]);
    await giveKeys(database, { 1: OLD, 2: NEW });
    await readable();
    await add(service, "t.three", "made meanwhile");
    expect(await versions(admin)).toEqual([
      ["t.one", 1],
      ["t.three", 2],
      ["t.two", 1],
    ]);
    expect(await rows(admin, "SELECT dgm.reencrypt_configurations()")).toEqual([2]);
    expect(await rows(admin, "SELECT dgm.reencrypt_configurations()")).toEqual([0]);
    await readable();
    await giveKeys(database, { 2: NEW });
    await readable();
    await giveKeys(database, { 1: OLD });
    expect(await codeOf(get(service, "t.one"))).toBe(MISSING_KEY);
  });

  test("waits for a writer that may have read the old keys", async () => {
    const writer = await database.connect("dgm_service");
    await writer.query("BEGIN");
    await writer.query("SELECT dgm.add_configuration('t.late', 'test', 'string', 'late', true)");
    await giveKeys(database, { 1: OLD, 2: NEW });
    const rotation = rows(admin, "SELECT dgm.reencrypt_configurations()");
    expect(await get(service, "t.one")).toBe("value one");
    await writer.query("COMMIT");
    expect(await rotation).toEqual([3]);
    expect(await versions(admin)).toEqual([
      ["t.late", 2],
      ["t.one", 2],
      ["t.two", 2],
    ]);
  });

  test("that breaks off leaves everything readable, and goes through when called again", async () => {
    await giveKeys(database, { 1: OLD, 2: NEW });
    await admin.query("BEGIN; SELECT dgm.reencrypt_configurations(); ROLLBACK");
    expect(await versions(admin)).toEqual([
      ["t.one", 1],
      ["t.two", 1],
    ]);
    expect(await get(service, "t.one")).toBe("value one");
    expect(await rows(admin, "SELECT dgm.reencrypt_configurations()")).toEqual([2]);
  });

  test("encrypts what was in plain before there were keys", async () => {
    // As a row from before V007 is.
    await admin.query(
      `BEGIN; ALTER TABLE dgm.system_configurations DROP CONSTRAINT system_configurations_sealed_check,
         DISABLE TRIGGER USER;
       UPDATE dgm.system_configurations SET config_value = '"in plain"', sealed_value = NULL, key_version = NULL,
         is_read_only = true WHERE config_key = 't.one';
       ALTER TABLE dgm.system_configurations ENABLE TRIGGER USER,
         ADD CONSTRAINT system_configurations_sealed_check CHECK (is_sensitive = (config_value IS NULL)) NOT VALID; COMMIT`,
    );
    expect(await get(service, "t.one")).toBe("in plain");
    expect(await rows(admin, "SELECT dgm.reencrypt_configurations()")).toEqual([1]);
    expect(await get(service, "t.one")).toBe("in plain");
    expect(
      await rows(
        admin,
        "SELECT convalidated FROM pg_constraint WHERE conname = 'system_configurations_sealed_check'",
      ),
    ).toEqual([true]);
  });

  test("by the stack's resource: all members, the database, then the newest key alone", async () => {
    const inputs = {
      keys: { 1: OLD, 2: NEW },
      version: 2,
      connection: {
        database: database.connection.database,
        members: { "postgres-1": { docker: ENGINE, container: database.container } },
      },
    };
    await provider.update!("id", { ...inputs, version: 1 }, inputs);
    expect(await inContainer(database, "cat", KEYS_FILE)).toBe(
      JSON.stringify({ active: 2, keys: { 2: NEW } }),
    );
    expect(await versions(admin)).toEqual([
      ["t.one", 2],
      ["t.two", 2],
    ]);
    expect(await get(service, "t.one")).toBe("value one");
    expect(await provider.read!("id", inputs)).toMatchObject({ props: inputs });
    await inContainer(database, "rm", KEYS_FILE);
    expect((await provider.read!("id", inputs)).props?.connection.members).toEqual({});
    // A backup from before: its values need the former key, which the stack still has.
    await giveKeys(database, { 1: OLD });
    await set(service, "t.one", "restored");
    const third = { ...inputs, keys: { ...inputs.keys, 3: newKey() }, version: 3 };
    await giveKeys(database, { 2: NEW });
    expect(await codeOf(get(service, "t.one"))).toBe(MISSING_KEY);
    await provider.update!("id", inputs, third);
    expect(await get(service, "t.one")).toBe("restored");
  });
});

describe("without the keys", () => {
  test.each([
    ["no file", "rm -rf /var/lib/postgresql/data/keys"],
    ["an empty one", `: > ${KEYS_FILE}`],
    ["one that is no JSON", `echo hiddenvalue > ${KEYS_FILE}`],
    ["one without the active key", `echo '{"active": 3, "keys": {"1": "hiddenvalue"}}' > ${KEYS_FILE}`],
    ["one with a short key", `echo '{"active": 1, "keys": {"1": "hiddenvalue"}}' > ${KEYS_FILE}`],
    ["one that may not be read", `chmod 0000 ${KEYS_FILE}`],
  ])("%s is one clear error for what is sensitive, and none for the rest", async (_name, break_) => {
    await add(service, "t.secret", SECRET);
    await inContainer(database, "sh", "-c", break_);
    for (const work of [
      () => get(service, "t.secret"),
      () => set(service, "t.secret", "x"),
      () => add(service, "t.other", "x"),
    ]) {
      const error = await work().catch((caught: unknown) => caught as Error);
      expect(error).toMatchObject({
        code: MISSING_KEY,
        message: "the keys of encrypted values are not on this server",
        hint: "Run `npm run up`, which writes it on every member.",
      });
      expect(JSON.stringify(error)).not.toContain("hiddenvalue");
    }
    expect(await get(service, "max_alerts_per_hour")).toBe("10");
    await service.query(
      "UPDATE dgm.system_configurations SET description = 'd' WHERE config_key = 't.secret'",
    );
  });
});

test("neither values nor keys come into the log or the statistics of statements", async () => {
  await service.query("SET statement_timeout = '20s'");
  const log = await logDuring(database, admin, async () => {
    await add(service, "t.secret", "hiddenvalue");
    await set(service, "t.secret", "hiddenvalue");
    await service.query("SELECT dgm.set_configuration('t.secret', 'hiddenvalue')");
    await service.query(
      `UPDATE dgm.system_configurations SET config_value = '"hiddenvalue"' WHERE config_key = 't.secret'`,
    );
    await add(service, "t.count", "1", "integer");
    await set(service, "t.count", "hiddenvalue").catch(() => undefined);
    await add(service, "t.secret", "hiddenvalue").catch(() => undefined);
    await giveKeys(database, { 1: OLD, 2: NEW });
    await admin.query("SELECT dgm.reencrypt_configurations()");
    expect(await get(service, "t.secret")).toBe("hiddenvalue");
  });
  // They are logged as modifications, without what was written.
  const written = auditLines(log).filter(({ object }) => object === "dgm.system_configurations");
  expect(written.length).toBeGreaterThan(5);
  const statements = await rows(admin, "SELECT query FROM pg_stat_statements");
  const everything = [...log, ...statements].join("\n");
  for (const secret of ["hiddenvalue", OLD, NEW]) expect(everything.includes(secret)).toBe(false);
});
