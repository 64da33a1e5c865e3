import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { KEYS_FILE, provider } from "../../../components/security/configurationKeyFilesProvider.ts";
import { auditLines, logDuring, startAuditedDatabase } from "../audit/auditLog.ts";
import { failure, rows, type StackDatabase } from "../support.ts";
import { ENGINE } from "../../support/images.ts";
import { giveKeys, newKey } from "./keys.ts";

const DENIED = "42501";
const MISSING_KEY = "F0000";
const SECRET = "s3cret-täst'\"\\x";
const OLD = newKey();
const NEW = newKey();

let database: StackDatabase;
let admin: pg.Client;
let service: pg.Client;
let application: pg.Client;

beforeAll(async () => {
  database = await startAuditedDatabase("dgm");
  await database.apply();
  admin = await database.connect();
  service = await database.connect("dgm_service");
  application = await database.connect("acgs_user");
});
afterAll(() => database?.stop());

beforeEach(async () => {
  await giveKeys(database, { 1: OLD });
  await admin.query(
    "UPDATE dgm.system_configurations SET is_read_only = false WHERE config_key LIKE 't.%' AND is_read_only",
  );
  await admin.query("DELETE FROM dgm.system_configurations WHERE config_key LIKE 't.%'");
});

const add = (key: string, value: string, type = "string", sensitive = true) =>
  service.query("SELECT dgm.add_configuration($1, 'test', $2, $3, $4)", [key, type, value, sensitive]);
const get = async (client: pg.Client, key: string): Promise<unknown> =>
  (await rows(client, "SELECT dgm.get_configuration($1)", [key]))[0];
const set = async (client: pg.Client, key: string, value: string): Promise<unknown> =>
  (await rows(client, "SELECT dgm.set_configuration($1, $2)", [key, value]))[0];
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => (error as { code?: string }).code,
  );
const inContainer = async (...command: string[]): Promise<string> =>
  (
    await promisify(execFile)("docker", ["exec", "-u", "postgres", database.container, ...command], {
      maxBuffer: 256 << 20,
    })
  ).stdout;
const versions = (): Promise<unknown[]> =>
  rows(admin, "SELECT config_key, key_version FROM dgm.system_configurations WHERE is_sensitive ORDER BY 1");

describe("a sensitive value", () => {
  test.each([
    ["string", SECRET],
    ["string", ""],
    ["integer", "4711"],
    ["float", "0.25"],
    ["boolean", "true"],
    ["json", '{"a": [1, "x"], "b": null}'],
    ["json", "null"],
  ])("of type %s comes back as it was: %s", async (type, value) => {
    await add("t.value", value, type);
    expect(await get(service, "t.value")).toBe(value);
    expect(await set(service, "t.value", value)).toBe(2);
    expect(await get(service, "t.value")).toBe(value);
    expect(
      await rows(
        admin,
        "SELECT config_value, previous_value, key_version FROM dgm.system_configurations WHERE config_key = 't.value'",
      ),
    ).toEqual([[null, null, 1]]);
  });

  test("is in no file of the server and in no dump, however it was written", async () => {
    // The control is found, so the search can find.
    await add("t.plain", "visiblevalue", "string", false);
    await add("t.one", "hiddenvalue");
    await service.query(
      `INSERT INTO dgm.system_configurations (config_key, category, value_type, config_value, is_sensitive)
       VALUES ('t.two', 'test', 'string', '"hiddenvalue"', true)`,
    );
    await service.query(
      `UPDATE dgm.system_configurations SET config_value = '"hiddenvalue"' WHERE config_key = 't.one'`,
    );
    await add("t.three", "hiddenvalue", "string", true);
    await set(service, "t.three", "hiddenvalue");
    await admin.query("CHECKPOINT");
    const dump = await inContainer(
      "pg_dump",
      "-h",
      "/run/postgresql",
      "-t",
      "dgm.system_configurations",
      "acgs_db",
    );
    expect(dump).toContain("visiblevalue");
    expect(dump).not.toContain("hiddenvalue");
    const files = async (text: string) =>
      (await inContainer("sh", "-c", `grep -rlaF ${text} /var/lib/postgresql/data | sort || true`)).trim();
    expect(await files("visiblevalue")).toMatch(/base\/.*\n.*pg_wal/s);
    expect(await files("hiddenvalue")).toBe("");
    const copied = await rows(admin, "SELECT s::text FROM dgm.system_configurations AS s");
    expect(copied.join("\n")).not.toContain("hiddenvalue");
  });

  test("opens for its own row only, and not once it was altered", async () => {
    await add("t.one", "a");
    await add("t.two", "b");
    const tamper = (value: string) =>
      admin.query(
        `BEGIN; ALTER TABLE dgm.system_configurations DISABLE TRIGGER USER;
         UPDATE dgm.system_configurations SET sealed_value = ${value} WHERE config_key = 't.two';
         ALTER TABLE dgm.system_configurations ENABLE TRIGGER USER; COMMIT`,
      );
    await tamper("(SELECT sealed_value FROM dgm.system_configurations WHERE config_key = 't.one')");
    expect(await codeOf(get(service, "t.two"))).toBe("XX001");
    await tamper("set_byte(sealed_value, 30, 255 - get_byte(sealed_value, 30))");
    expect(await codeOf(get(service, "t.two"))).toBe("XX001");
    expect(await get(service, "t.one")).toBe("a");
    // Without that, no ciphertext is taken from a client.
    await service.query(
      "UPDATE dgm.system_configurations SET sealed_value = '\\x00' WHERE config_key = 't.one'",
    );
    expect(await get(service, "t.one")).toBe("a");
  });

  test("of the wrong type is refused, in words that do not show it", async () => {
    await add("t.count", "1", "integer");
    for (const value of ["1.5", "hiddenvalue", '"1"', "{hiddenvalue", ""]) {
      const error = await set(service, "t.count", value).catch((caught: unknown) => caught as Error);
      expect(error).toMatchObject({
        code: "23514",
        message: 'the value of configuration "t.count" is no integer',
      });
      expect(JSON.stringify(error)).not.toContain("hiddenvalue");
    }
    expect(await get(service, "t.count")).toBe("1");
  });

  test("follows the mark: set, it is encrypted, taken away, it is in plain again", async () => {
    await add("t.value", SECRET, "string", false);
    await service.query(
      "UPDATE dgm.system_configurations SET is_sensitive = true WHERE config_key = 't.value'",
    );
    expect(await versions()).toEqual([["t.value", 1]]);
    expect(await get(service, "t.value")).toBe(SECRET);
    await service.query(
      "UPDATE dgm.system_configurations SET is_sensitive = false WHERE config_key = 't.value'",
    );
    expect(
      await rows(
        service,
        "SELECT config_value, sealed_value FROM dgm.system_configurations WHERE config_key = 't.value'",
      ),
    ).toEqual([[SECRET, null]]);
  });
});

describe("who gets a value", () => {
  beforeEach(() => add("t.secret", SECRET));

  test("a sensitive one: the service alone", async () => {
    expect(await get(service, "t.secret")).toBe(SECRET);
    // Hidden by row-level security: not even its name is told.
    expect(await codeOf(get(application, "t.secret"))).toBe("P0002");
    expect(await codeOf(set(application, "t.secret", "x"))).toBe("P0002");
    for (const login of ["acgs_readonly", "acgs_monitor"]) {
      expect(await codeOf(get(await database.connect(login), "t.secret"))).toBe(DENIED);
    }
  });

  test("the others: also the application", async () => {
    expect(await get(application, "max_alerts_per_hour")).toBe("10");
    expect(await set(application, "max_alerts_per_hour", "12")).toBe(2);
    expect(await get(service, "max_alerts_per_hour")).toBe("12");
    await set(application, "max_alerts_per_hour", "10");
  });

  test("nobody reaches keys and ciphers by another way", async () => {
    for (const client of [service, application]) {
      for (const call of [
        "vault.keys()",
        "vault.active_key()",
        "vault.seal(gen_random_uuid(), '1')",
        "vault.open(gen_random_uuid(), '', 1)",
        `pg_read_file('${KEYS_FILE}')`,
        `pg_read_binary_file('${KEYS_FILE}')`,
        "dgm.reencrypt_configurations()",
        ...(client === application ? ["dgm.open_configuration(gen_random_uuid())"] : []),
      ]) {
        expect(await failure(client, `SELECT ${call}`), call).toBe(DENIED);
      }
      expect(await failure(client, "SET ROLE acgs_vault")).toBe(DENIED);
      expect(await failure(client, `COPY pg_temp.x FROM '${KEYS_FILE}'`)).toBeDefined();
    }
    expect(
      await rows(admin, "SELECT count(*)::int FROM pg_auth_members WHERE roleid = 'acgs_vault'::regrole"),
    ).toEqual([0]);
    // The owner of all objects may encrypt and decrypt, and still sees no key.
    await admin.query("SET ROLE acgs_owner");
    expect(await failure(admin, "SELECT vault.keys()")).toBe(DENIED);
    expect(await failure(admin, "SELECT vault.active_key()")).toBeUndefined();
    await admin.query("RESET ROLE");
  });

  test("the file is the server's alone", async () => {
    expect(
      (await inContainer("stat", "-c", "%U %a", KEYS_FILE, KEYS_FILE.replace(/\/[^/]*$/, ""))).trim(),
    ).toBe("postgres 600\npostgres 700");
  });
});

describe("a setting that is read-only", () => {
  test("is changed and deleted by nobody, and its key still rotates", async () => {
    await add("t.fixed", SECRET);
    await admin.query(
      "UPDATE dgm.system_configurations SET is_read_only = true WHERE config_key = 't.fixed'",
    );
    for (const client of [service, admin]) {
      expect(await codeOf(set(client, "t.fixed", "other"))).toBe(DENIED);
      expect(
        await failure(client, "DELETE FROM dgm.system_configurations WHERE config_key = 't.fixed'"),
      ).toBe(DENIED);
    }
    const rekey = "UPDATE dgm.system_configurations SET key_version = 2 WHERE config_key = 't.fixed'";
    expect(await failure(service, rekey)).toBe(DENIED);
    const stamps =
      "SELECT version, updated_at, updated_by FROM dgm.system_configurations WHERE config_key = 't.fixed'";
    const before = await rows(admin, stamps);
    await giveKeys(database, { 1: OLD, 2: NEW });
    expect(await rows(admin, "SELECT dgm.reencrypt_configurations()")).toEqual([1]);
    expect(await rows(admin, stamps)).toEqual(before);
    expect(await get(service, "t.fixed")).toBe(SECRET);
  });
});

describe("a rotation", () => {
  beforeEach(async () => {
    await add("t.one", "value one");
    await add("t.two", "2", "integer");
  });

  test("keeps every value readable at every step, and then needs the old key no more", async () => {
    const readable = async () =>
      expect([await get(service, "t.one"), await get(service, "t.two")]).toEqual(["value one", "2"]);
    await giveKeys(database, { 1: OLD, 2: NEW });
    await readable();
    await add("t.three", "made meanwhile");
    expect(await versions()).toEqual([
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
    expect(await versions()).toEqual([
      ["t.late", 2],
      ["t.one", 2],
      ["t.two", 2],
    ]);
  });

  test("that breaks off leaves everything readable, and goes through when called again", async () => {
    await giveKeys(database, { 1: OLD, 2: NEW });
    await admin.query("BEGIN; SELECT dgm.reencrypt_configurations(); ROLLBACK");
    expect(await versions()).toEqual([
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
      members: { "postgres-1": { docker: ENGINE, container: database.container } },
      keys: { 1: OLD, 2: NEW },
      version: 2,
      connection: database.connection,
      password: database.password,
    };
    await provider.update!("id", { ...inputs, version: 1 }, inputs);
    expect(await inContainer("cat", KEYS_FILE)).toBe(JSON.stringify({ active: 2, keys: { 2: NEW } }));
    expect(await versions()).toEqual([
      ["t.one", 2],
      ["t.two", 2],
    ]);
    expect(await get(service, "t.one")).toBe("value one");
    expect(await provider.read!("id", inputs)).toMatchObject({ props: inputs });
    await inContainer("rm", KEYS_FILE);
    expect((await provider.read!("id", inputs)).props?.members).toEqual({});
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
    await add("t.secret", SECRET);
    await inContainer("sh", "-c", break_);
    for (const work of [
      () => get(service, "t.secret"),
      () => set(service, "t.secret", "x"),
      () => add("t.other", "x"),
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
    await add("t.secret", "hiddenvalue");
    await set(service, "t.secret", "hiddenvalue");
    await service.query("SELECT dgm.set_configuration('t.secret', 'hiddenvalue')");
    await service.query(
      `UPDATE dgm.system_configurations SET config_value = '"hiddenvalue"' WHERE config_key = 't.secret'`,
    );
    await add("t.count", "1", "integer");
    await set(service, "t.count", "hiddenvalue").catch(() => undefined);
    await add("t.secret", "hiddenvalue").catch(() => undefined);
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
