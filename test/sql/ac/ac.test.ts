import type pg from "pg";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { failure, rows, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

const DENIED = "42501";

let database: StackDatabase;
let admin: pg.Client;
let service: pg.Client;
let principle: string;

beforeAll(async () => {
  database = await startAppliedDatabase("ac");
  admin = await database.connect();
  service = await database.connect("ac_service");
});
afterAll(() => database?.stop());

/** The first column of a statement's first row. */
async function one(statement: string, values: unknown[] = []): Promise<unknown> {
  return (await rows(service, statement, values))[0];
}

async function addPrinciple(name: string): Promise<string> {
  const add =
    "INSERT INTO ac.principles (name, category, content) VALUES ($1, 'safety', 'text') RETURNING id";
  return (await one(add, [name])) as string;
}

const check = (id: string, score: number, ago = "1 hour"): Promise<unknown> =>
  service.query(
    `INSERT INTO ac.compliance_checks (principle_id, compliance_score, created_at)
     VALUES ($1, $2, now() - $3::interval)`,
    [id, score, ago],
  );

/** Every test finds one principle and nothing else. */
beforeEach(async () => {
  await admin.query("TRUNCATE ac.principles, ac.constitutional_council CASCADE");
  principle = await addPrinciple("do no harm");
});

describe("principles and rules", () => {
  test("count as versions the changes of what they demand, and no others", async () => {
    const version = "SELECT version FROM ac.principles WHERE id = $1";
    const set = (what: string): Promise<unknown> =>
      service.query(`UPDATE ac.principles SET ${what} WHERE id = $1`, [principle]);
    await set("priority_weight = 0.9, is_active = false, version = version");
    expect(await one(version, [principle])).toBe(1);
    await set("content = 'another text'");
    await set(`constraints = '{"max": 1}'`);
    await set(`constraints = '{"max": 1}'`);
    expect(await one(version, [principle])).toBe(3);
    expect(await one("SELECT updated_at > created_at FROM ac.principles")).toBe(true);
    await service.query(
      "INSERT INTO ac.meta_rules (name, rule_type) VALUES ('quorum', 'amendment_procedure')",
    );
    await service.query("UPDATE ac.meta_rules SET approval_threshold = 0.67");
    await service.query("UPDATE ac.meta_rules SET description = 'two thirds'");
    expect(await one("SELECT version FROM ac.meta_rules")).toBe(2);
  });

  test("cannot be deleted while a check or a conflict names them", async () => {
    const other = await addPrinciple("be fair");
    const conflict = "INSERT INTO ac.principle_conflicts (principle_a_id, principle_b_id) VALUES ($1, $2)";
    await check(principle, 1);
    await service.query(conflict, [other, principle]);
    const remove = "DELETE FROM ac.principles WHERE id = $1";
    expect(await failure(service, remove, [principle])).toBe("23503");
    expect(await failure(service, remove, [other])).toBe("23503");
    expect(await failure(service, conflict, [other, other])).toBe("23514");
  });

  test("are resolved by a strategy, for one of the two", async () => {
    const other = await addPrinciple("be fair");
    const third = await addPrinciple("be clear");
    await service.query(
      "INSERT INTO ac.principle_conflicts (principle_a_id, principle_b_id) VALUES ($1, $2)",
      [principle, other],
    );
    const set = (what: string): Promise<string | undefined> =>
      failure(service, `UPDATE ac.principle_conflicts SET ${what}`);
    expect(await set("status = 'resolved'")).toBe("23514");
    expect(await set("status = 'resolved', resolved_at = now()")).toBe("23514");
    expect(await set(`prevailing_principle_id = '${third}'`)).toBe("23514");
    const resolved = "status = 'resolved', resolved_at = now(), resolution_strategy = 'precedence'";
    expect(await set(`${resolved}, prevailing_principle_id = '${other}'`)).toBeUndefined();
  });
});

test("the council has one seat for a person, and an observer no vote", async () => {
  const add = "INSERT INTO ac.constitutional_council (user_id, member_name) VALUES ($1, 'Ada') RETURNING id";
  const user = "00000000-0000-4000-8000-000000000001";
  const seat = await one(add, [user]);
  expect(await failure(service, add, [user])).toBe("23505");
  await service.query("UPDATE ac.constitutional_council SET is_active = false WHERE id = $1", [seat]);
  expect(await failure(service, add, [user])).toBeUndefined();
  expect(await failure(service, "UPDATE ac.constitutional_council SET role = 'observer'")).toBe("23514");
});

test.each([
  ["principles (name, category, content) VALUES ('p', 'Human Rights', 't')"],
  ["principles (name, category, content, priority_weight) VALUES ('p', 'c', 't', 1.01)"],
  ["principles (name, category, content, scope) VALUES ('p', 'c', 't', '{}')"],
  ["meta_rules (name, rule_type, decision_mechanism) VALUES ('r', 'voting', 'coin')"],
  ["compliance_checks (principle_id, compliance_score) VALUES ($1, 1.01)"],
  ["compliance_checks (principle_id, compliance_score) VALUES ($1, -0.01)"],
  ["compliance_checks (principle_id, compliance_score, compliance_level) VALUES ($1, 1, 'fine')"],
  ["compliance_checks (principle_id, compliance_score, target_type) VALUES ($1, 1, 'policy')"],
  [
    "compliance_checks (principle_id, compliance_score, constitutional_hash) VALUES ($1, 1, 'deadbeefdeadbeef')",
  ],
])("%s is refused", async (statement) => {
  const values = statement.includes("$1") ? [principle] : [];
  expect(await failure(service, `INSERT INTO ac.${statement}`, values)).toBe("23514");
});

describe("compliance_summary", () => {
  const refresh = "SELECT ac.refresh_compliance_summary()";
  const summary = (): Promise<unknown[]> =>
    rows(
      service,
      `SELECT avg_score::float8, check_count::int, min_score::float8, avg_score_last_day::float8, check_count_last_day::int
       FROM ac.compliance_summary ORDER BY check_count DESC`,
    );

  test("holds mean and number of the last seven days and of the last one, as of the last refresh", async () => {
    await check(principle, 1);
    await check(principle, 0.5, "23 hours");
    await check(principle, 0.3, "2 days");
    await check(principle, 0, "8 days");
    const other = await addPrinciple("be fair");
    await check(other, 0.25, "6 days");
    expect(await one(refresh)).toBe(true);
    const expected = [
      [0.6, 3, 0.3, 0.75, 2],
      [0.25, 1, 0.25, null, 0],
    ];
    expect(await summary()).toEqual(expected);
    await check(other, 0.75);
    expect(await summary()).toEqual(expected);
    expect(await one(refresh)).toBe(true);
    expect(await summary()).toEqual([expected[0], [0.5, 2, 0.25, 0.75, 1]]);
  });

  test("is refreshed while a reader is in the midst of it", async () => {
    await check(principle, 1);
    const reader = await database.connect("acgs_readonly");
    await reader.query("BEGIN");
    await reader.query("SELECT * FROM ac.compliance_summary");
    expect(await one(refresh)).toBe(true);
    expect(await summary()).toEqual([[1, 1, 1, 1, 1]]);
    await reader.query("COMMIT");
  });

  test("is left to another refresh that is at work", async () => {
    const other = await database.connect("ac_service");
    await other.query("BEGIN");
    await other.query(refresh);
    expect(await one(refresh)).toBe(false);
    await other.query("COMMIT");
    expect(await one(refresh)).toBe(true);
  });

  test("is filled by a refresh when a restore has left it without data", async () => {
    await check(principle, 1);
    await admin.query("REFRESH MATERIALIZED VIEW ac.compliance_summary WITH NO DATA");
    await expect(summary()).rejects.toMatchObject({ code: "55000" });
    expect(await one(refresh)).toBe(true);
    expect(await summary()).toEqual([[1, 1, 1, 1, 1]]);
  });

  test("stays when its file runs again, and is replaced when that says something else", async () => {
    const file = readFileSync("sql/ac/R__compliance_summary.sql", "utf8");
    const run = (text: string): Promise<unknown> =>
      admin.query(`BEGIN; SET LOCAL ROLE acgs_owner; ${text}; COMMIT`).catch(async (error: unknown) => {
        await admin.query("ROLLBACK");
        throw error;
      });
    const oid = "SELECT 'ac.compliance_summary'::regclass::oid";
    const before = await one(oid);
    await run(file);
    expect(await one(oid)).toBe(before);

    await check(principle, 1, "8 days");
    const longer = file.replaceAll("7 days", "9 days");
    await admin.query("CREATE VIEW public.on_top AS SELECT * FROM ac.compliance_summary");
    await expect(run(longer)).rejects.toMatchObject({ code: "2BP01" });
    expect(await one(oid)).toBe(before);
    await admin.query("DROP VIEW public.on_top");

    await run(longer);
    expect(await one(oid)).not.toBe(before);
    expect(await summary()).toEqual([[1, 1, 1, null, 0]]);
    expect(await one(refresh)).toBe(true);
    await run(file);
    expect(await summary()).toEqual([]);
    expect(
      await rows(admin, "SELECT relname FROM pg_class WHERE relname LIKE 'compliance_summary%'"),
    ).toEqual(expect.arrayContaining(["compliance_summary", "compliance_summary_principle_id_key"]));
    expect(await rows(admin, "SELECT to_regclass('ac.compliance_summary_next')")).toEqual([null]);
    expect(await one(refresh)).toBe(true);
    const reader = await database.connect("acgs_readonly");
    expect(await failure(reader, "SELECT * FROM ac.compliance_summary")).toBeUndefined();
  });
});

describe("privileges", () => {
  test.each([
    ["ac_service", "SELECT ac.refresh_compliance_summary()", undefined],
    ["ac_service", "REFRESH MATERIALIZED VIEW ac.compliance_summary", DENIED],
    ["ac_service", "TRUNCATE ac.compliance_checks", DENIED],
    ["acgs_user", "INSERT INTO ac.meta_rules (name, rule_type) VALUES ('r', 'voting')", DENIED],
    ["acgs_user", "UPDATE ac.principles SET content = 'x'", DENIED],
    ["acgs_user", "SELECT ac.refresh_compliance_summary()", DENIED],
    ["acgs_readonly", "SELECT * FROM ac.compliance_checks", undefined],
    ["acgs_readonly", "DELETE FROM ac.compliance_checks", DENIED],
    ["acgs_readonly", "SELECT ac.refresh_compliance_summary()", DENIED],
    ["auth_service", "SELECT * FROM ac.principles", DENIED],
  ])("%s: %s", async (login, statement, expected) => {
    const client = await database.connect(login);
    expect(await failure(client, statement)).toBe(expected);
    await client.end();
  });

  test("the job refreshes the summary as ac_service", async () => {
    const jobs = "SELECT jobname, username, command FROM cron.job WHERE jobname LIKE 'ac-%'";
    const found = (await rows(admin, jobs)) as [string, string, string][];
    expect(found.map(([name, login]) => [name, login])).toEqual([
      ["ac-refresh-compliance-summary", "ac_service"],
    ]);
    expect(await rows(service, found[0]![2])).toEqual([true]);
  });
});
