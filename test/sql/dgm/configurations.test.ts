import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { KEYS_FILE } from "../../../components/security/configurationKeyFiles.provider.ts";
import { startAuditedDatabase } from "../audit/auditLog.ts";
import { failure, rows, type StackDatabase } from "../../../testing/sqlServer.ts";
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

const DENIED = "42501";
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
  await forgetSettings(admin);
});

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
    await add(service, "t.value", value, type);
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
    await add(service, "t.plain", "visiblevalue", "string", false);
    await add(service, "t.one", "hiddenvalue");
    await service.query(
      `INSERT INTO dgm.system_configurations (config_key, category, value_type, config_value, is_sensitive)
       VALUES ('t.two', 'test', 'string', '"hiddenvalue"', true)`,
    );
    await service.query(
      `UPDATE dgm.system_configurations SET config_value = '"hiddenvalue"' WHERE config_key = 't.one'`,
    );
    await add(service, "t.three", "hiddenvalue", "string", true);
    await set(service, "t.three", "hiddenvalue");
    await admin.query("CHECKPOINT");
    const dump = await inContainer(
      database,
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
      (
        await inContainer(database, "sh", "-c", `grep -rlaF ${text} /var/lib/postgresql/data | sort || true`)
      ).trim();
    expect(await files("visiblevalue")).toMatch(/base\/.*\n.*pg_wal/s);
    expect(await files("hiddenvalue")).toBe("");
    const copied = await rows(admin, "SELECT s::text FROM dgm.system_configurations AS s");
    expect(copied.join("\n")).not.toContain("hiddenvalue");
  });

  test("opens for its own row only, and not once it was altered", async () => {
    await add(service, "t.one", "a");
    await add(service, "t.two", "b");
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
    await add(service, "t.count", "1", "integer");
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
    await add(service, "t.value", SECRET, "string", false);
    await service.query(
      "UPDATE dgm.system_configurations SET is_sensitive = true WHERE config_key = 't.value'",
    );
    expect(await versions(admin)).toEqual([["t.value", 1]]);
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
  beforeEach(() => add(service, "t.secret", SECRET));

  test("a sensitive one: the service alone, by either of its logins", async () => {
    for (const login of ["dgm_service", "dgm_service_2"]) {
      expect(await get(await database.connect(login), "t.secret")).toBe(SECRET);
    }
    // Hidden by row-level security: not even its name is told.
    expect(await codeOf(get(application, "t.secret"))).toBe("P0002");
    for (const login of ["acgs_readonly", "acgs_monitor"]) {
      expect(await codeOf(get(await database.connect(login), "t.secret"))).toBe("P0002");
    }
  });

  test("the others: also the application and readers, and nobody but the service changes any", async () => {
    for (const client of [application, await database.connect("acgs_readonly")]) {
      expect(await get(client, "max_alerts_per_hour")).toBe("10");
      expect(await codeOf(set(client, "max_alerts_per_hour", "12"))).toBe(DENIED);
    }
    expect(await set(service, "max_alerts_per_hour", "12")).toBe(2);
    expect(await get(application, "max_alerts_per_hour")).toBe("12");
    await set(service, "max_alerts_per_hour", "10");
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
      (
        await inContainer(database, "stat", "-c", "%U %a", KEYS_FILE, KEYS_FILE.replace(/\/[^/]*$/, ""))
      ).trim(),
    ).toBe("postgres 600\npostgres 700");
  });
});

describe("a setting that is read-only", () => {
  test("is changed and deleted by nobody, and its key still rotates", async () => {
    await add(service, "t.fixed", SECRET);
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
