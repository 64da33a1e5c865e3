import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rows, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

const TABLES = [
  "compliance_checks",
  "constitutional_council",
  "meta_rules",
  "principle_conflicts",
  "principles",
];

let database: StackDatabase;
let admin: pg.Client;
let service: pg.Client;

beforeAll(async () => {
  database = await startAppliedDatabase("ac");
  admin = await database.connect();
  service = await database.connect("ac_service");
});
afterAll(() => database?.stop());

describe("the tables of ac", () => {
  test("are those of the requirements", async () => {
    const found = await rows(
      admin,
      `SELECT relname FROM pg_class WHERE relnamespace = 'ac'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname`,
    );
    expect(found).toEqual(TABLES);
  });

  test("and all else there belong to acgs_owner and are commented", async () => {
    const faults = await rows(
      admin,
      `SELECT c.oid::regclass::text || coalesce('.' || a.attname, '') FROM pg_class c
       LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       WHERE c.relnamespace = 'ac'::regnamespace AND c.relkind IN ('r', 'v', 'm')
         AND (c.relowner <> 'acgs_owner'::regrole OR obj_description(c.oid, 'pg_class') IS NULL
              OR a.attnum IS NOT NULL AND col_description(c.oid, a.attnum) IS NULL)
       UNION ALL SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'ac'::regnamespace
         AND (p.proowner <> 'acgs_owner'::regrole OR obj_description(p.oid, 'pg_proc') IS NULL
              OR NOT coalesce(p.proconfig::text LIKE '%search_path=pg_catalog, pg_temp%', false))`,
    );
    expect(faults).toEqual([]);
  });

  test("have the constitutional hash as default, and a check on it", async () => {
    const found = await rows(
      admin,
      `SELECT c.relname, pg_get_expr(d.adbin, d.adrelid), a.attnotnull, pg_get_constraintdef(k.oid)
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'constitutional_hash'
       JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
       JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]
       WHERE c.relnamespace = 'ac'::regnamespace ORDER BY c.relname`,
    );
    const check = "CHECK (platform.is_constitutional_hash(constitutional_hash))";
    expect(found).toEqual(TABLES.map((table) => [table, "'cdd01ef066bc6cf2'::text", true, check]));
  });
});

describe("the indexes of ac", () => {
  test("are those of the requirements, with their columns, and valid", async () => {
    const found = await rows(
      admin,
      `SELECT c.relname, regexp_replace(pg_get_indexdef(i.indexrelid), '^.* ON ', ''), i.indisvalid
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
       WHERE c.relnamespace = 'ac'::regnamespace AND c.relname ~ '^idx_(principles|compliance_checks_(time|principle))|summary'
       ORDER BY 1`,
    );
    expect(found).toEqual([
      ["compliance_summary_principle_id_key", "ac.compliance_summary USING btree (principle_id)", true],
      [
        "idx_compliance_checks_principle_time",
        "ac.compliance_checks USING btree (principle_id, created_at DESC) INCLUDE (compliance_score)",
        true,
      ],
      [
        "idx_compliance_checks_timestamp",
        "ac.compliance_checks USING btree (created_at DESC) INCLUDE (principle_id, compliance_score)",
        true,
      ],
      ["idx_principles_active", "ac.principles USING btree (is_active, category)", true],
      ["idx_principles_priority", "ac.principles USING btree (priority_weight DESC, updated_at DESC)", true],
    ]);
  });

  test("begin with the columns of every foreign key", async () => {
    const bare = await rows(
      admin,
      `SELECT conrelid::regclass::text, conname FROM pg_constraint c
       WHERE contype = 'f' AND connamespace = 'ac'::regnamespace AND NOT EXISTS (
         SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])`,
    );
    expect(bare).toEqual([]);
  });
});

describe("plans", () => {
  // 400 principles, 60,000 checks of two months: what the requirements' 1,000 a day come to.
  const load = [
    `INSERT INTO ac.principles (name, category, content, priority_weight, is_active)
     SELECT 'p' || i, 'category_' || i % 20, repeat('text ', 50), round(random()::numeric, 2), i % 3 <> 0
     FROM generate_series(1, 400) AS i`,
    `INSERT INTO ac.compliance_checks (principle_id, compliance_score, target_type, target_id, created_at)
     SELECT id, round(random()::numeric, 2), 'policy', 'policy' || i, now() - (150 - i) * interval '10 hours'
     FROM generate_series(1, 150) AS i, ac.principles`,
  ];
  beforeAll(async () => {
    for (const statement of load) await service.query(statement);
    await service.query("SELECT ac.refresh_compliance_summary()");
    await admin.query("VACUUM (ANALYZE)");
  });

  test.each([
    // The requirements' slow query, and the definition of its remedy.
    [
      "idx_compliance_checks_timestamp",
      "Index Only Scan",
      "AVG(compliance_score) FROM ac.compliance_checks WHERE created_at > NOW() - INTERVAL '1 day' GROUP BY principle_id",
    ],
    [
      "idx_compliance_checks_timestamp",
      "Index Only Scan",
      "principle_id, AVG(compliance_score), COUNT(*) FROM ac.compliance_checks WHERE created_at > NOW() - INTERVAL '7 days' GROUP BY principle_id",
    ],
    [
      "idx_compliance_checks_timestamp",
      "Index Scan",
      "* FROM ac.compliance_checks ORDER BY created_at DESC LIMIT 20",
    ],
    [
      "idx_compliance_checks_principle_time",
      "Index Only Scan",
      "avg(compliance_score) FROM ac.compliance_checks WHERE principle_id = $P AND created_at > now() - interval '30 days'",
    ],
    [
      "idx_compliance_checks_principle_time",
      "Index Scan",
      "* FROM ac.compliance_checks WHERE principle_id = $P ORDER BY created_at DESC LIMIT 20",
    ],
    [
      "idx_compliance_checks_target",
      "Index Scan",
      "* FROM ac.compliance_checks WHERE target_id = 'policy7' ORDER BY created_at DESC LIMIT 20",
    ],
    [
      "compliance_summary_principle_id_key",
      "Index Scan",
      "avg_score FROM ac.compliance_summary WHERE principle_id = $P",
    ],
    [
      "idx_principles_priority",
      "Index Scan",
      "* FROM ac.principles ORDER BY priority_weight DESC, updated_at DESC LIMIT 10",
    ],
    [
      "idx_principles_active",
      "Bitmap Index Scan",
      "* FROM ac.principles WHERE is_active AND category = 'category_7'",
    ],
  ])("%s serves the query it is for, by %s: %s", async (index, kind, query) => {
    const [id] = (await rows(service, "SELECT id FROM ac.principles LIMIT 1")) as string[];
    const [plan] = await rows(service, `EXPLAIN (FORMAT json) SELECT ${query.replace("$P", `'${id}'`)}`);
    const text = JSON.stringify(plan);
    expect([...text.matchAll(/"Index Name":"([^"]+)"/g)].map((match) => match[1])).toEqual([index]);
    expect(text).toContain(`"Node Type":"${kind}"`);
  });
});

test("every repeatable file runs again without a change", async () => {
  const before = await rows(admin, PICTURE);
  expect(before.length).toBeGreaterThan(30);
  await admin.query("DELETE FROM deploy.ledger WHERE kind = 'repeatable'");
  const ran = await database.apply();
  expect(ran.filter((file) => file.includes("/V"))).toEqual([]);
  expect(ran).toContain("ac/R__compliance_summary.sql");
  expect(await rows(admin, PICTURE)).toEqual(before);
  expect(await database.apply()).toEqual([]);
});

/** All that the files make, in words: objects with definitions, privileges and comments, and jobs. */
const PICTURE = `
  SELECT 'relation ' || c.oid || c.oid::regclass || ' ' || c.relkind::text || ' ' || coalesce(c.relacl::text, '') || ' '
         || coalesce(c.reloptions::text, '') || ' ' || coalesce(obj_description(c.oid, 'pg_class'), '') AS item
  FROM pg_class c WHERE c.relnamespace = 'ac'::regnamespace
  UNION ALL SELECT 'function ' || p.oid::regprocedure || ' ' || p.proacl::text || ' ' || md5(pg_get_functiondef(p.oid))
  FROM pg_proc p WHERE p.pronamespace = 'ac'::regnamespace
  UNION ALL SELECT 'trigger ' || pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  WHERE c.relnamespace = 'ac'::regnamespace AND NOT t.tgisinternal
  UNION ALL SELECT 'statistics ' || pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext s
  WHERE s.stxnamespace = 'ac'::regnamespace
  UNION ALL SELECT concat('job ', j.jobid, j.jobname, j.schedule, j.username, j.command) FROM cron.job j
  ORDER BY item`;
