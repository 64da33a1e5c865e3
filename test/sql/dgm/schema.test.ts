import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failure, rows, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

const TABLES = [
  "bandit_states",
  "constitutional_compliance_logs",
  "dgm_archive",
  "improvement_workspaces",
  "improvements",
  "metric_aggregations",
  "performance_metrics",
  "system_configurations",
];

/** The indexes that the requirements name or describe on `dgm`, by table. */
const SEED_INDEXES = [
  "idx_bandit_states_context_arm",
  "idx_bandit_states_context_reward",
  "idx_compliance_logs_critical",
  "idx_compliance_logs_level",
  "idx_compliance_logs_service_level",
  "idx_compliance_logs_violations",
  "idx_dgm_archive_metadata",
  "idx_dgm_archive_status",
  "idx_dgm_archive_status_score_created",
  "idx_dgm_archive_status_timestamp",
  "idx_dgm_archive_tags",
  "idx_performance_metrics_composite",
  "idx_performance_metrics_name_timestamp",
  "idx_performance_metrics_service",
  "idx_performance_metrics_tags",
  "idx_workspaces_active",
  "idx_workspaces_status_created",
];

let database: StackDatabase;
let admin: pg.Client;
let service: pg.Client;

beforeAll(async () => {
  database = await startAppliedDatabase("dgm");
  admin = await database.connect();
  service = await database.connect("dgm_service");
});
afterAll(() => database?.stop());

describe("the tables of dgm", () => {
  test("are the seven of the requirements and the registry", async () => {
    const found = await rows(
      admin,
      `SELECT relname FROM pg_class WHERE relnamespace = 'dgm'::regnamespace AND relkind IN ('r', 'p')
         AND NOT relispartition ORDER BY relname`,
    );
    expect(found).toEqual(TABLES);
  });

  test("belong to acgs_owner, as everything else there", async () => {
    const strangers = await rows(
      admin,
      `SELECT relname FROM pg_class WHERE relnamespace IN ('dgm'::regnamespace, 'platform'::regnamespace)
         AND relowner <> 'acgs_owner'::regrole AND relname <> 'scheduled_jobs'
       UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'dgm'::regnamespace
         AND proowner <> 'acgs_owner'::regrole`,
    );
    expect(strangers).toEqual([]);
  });

  test("are commented, with every column, view and function, in platform too", async () => {
    const bare = await rows(
      admin,
      `SELECT c.oid::regclass::text || coalesce('.' || a.attname, '') FROM pg_class c
       LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         AND c.relnamespace = 'dgm'::regnamespace
       WHERE c.relnamespace IN ('dgm'::regnamespace, 'platform'::regnamespace) AND c.relkind IN ('r', 'p', 'v')
         AND (obj_description(c.oid, 'pg_class') IS NULL
              OR a.attnum IS NOT NULL AND col_description(c.oid, a.attnum) IS NULL)
       UNION ALL SELECT p.oid::regprocedure::text FROM pg_proc p
       WHERE p.pronamespace IN ('dgm'::regnamespace, 'platform'::regnamespace, 'pgbouncer'::regnamespace)
         AND obj_description(p.oid, 'pg_proc') IS NULL`,
    );
    expect(bare).toEqual([]);
  });

  test("have the constitutional hash as default and refuse any other", async () => {
    const found = await rows(
      admin,
      `SELECT table_name, column_default, is_nullable FROM information_schema.columns
       WHERE table_schema = 'dgm' AND column_name = 'constitutional_hash' AND table_name = ANY ($1)
       ORDER BY table_name`,
      [TABLES],
    );
    expect(found).toEqual(TABLES.map((table) => [table, "'cdd01ef066bc6cf2'::text", "NO"]));
    for (const table of TABLES) {
      const checks = await rows(
        admin,
        `SELECT pg_get_constraintdef(oid) FROM pg_constraint
         WHERE conrelid = $1::regclass AND contype = 'c' AND pg_get_constraintdef(oid) LIKE '%constitutional_hash%'`,
        [`dgm.${table}`],
      );
      expect(checks).toEqual(["CHECK (platform.is_constitutional_hash(constitutional_hash))"]);
    }
    const foreign = "INSERT INTO dgm.dgm_archive (constitutional_hash) VALUES ($1)";
    expect(await failure(service, foreign, ["deadbeefdeadbeef"])).toBe("23514");
    expect(await failure(service, foreign, ["cdd01ef066bc6cf2"])).toBeUndefined();
    // The refused row must not have left its registration behind.
    expect(await rows(admin, "SELECT count(*)::int FROM dgm.improvements")).toEqual([1]);
  });

  test.each([
    ["INSERT INTO dgm.dgm_archive (constitutional_compliance_score) VALUES (1.01)"],
    ["INSERT INTO dgm.dgm_archive (constitutional_compliance_score) VALUES (-0.01)"],
    ["INSERT INTO dgm.dgm_archive (metadata) VALUES ('[]')"],
    [
      "INSERT INTO dgm.constitutional_compliance_logs (service_name, compliance_level, compliance_score) VALUES ('s', 'fine', 1)",
    ],
    [
      "INSERT INTO dgm.constitutional_compliance_logs (service_name, compliance_level, compliance_score) VALUES ('s', 'critical', 2)",
    ],
    [
      "INSERT INTO dgm.constitutional_compliance_logs (service_name, compliance_level, compliance_score, assessment_method) VALUES ('s', 'critical', 0, 'guess')",
    ],
    [
      "INSERT INTO dgm.constitutional_compliance_logs (service_name, compliance_level, compliance_score, review_status) VALUES ('s', 'critical', 0, 'approved')",
    ],
    ["INSERT INTO dgm.bandit_states (context_key, arm_id, algorithm_type) VALUES ('c', 'a', 'coin')"],
    [
      "INSERT INTO dgm.bandit_states (context_key, arm_id, algorithm_type, safety_threshold) VALUES ('c', 'a', 'ucb1', 1.5)",
    ],
    [
      "INSERT INTO dgm.performance_metrics (service_name, metric_type, metric_name, metric_value) VALUES ('s', 'Error Rate', 'm', 1)",
    ],
    [
      "INSERT INTO dgm.system_configurations (config_key, category, value_type, config_value) VALUES ('k', 'c', 'integer', '1.5')",
    ],
    [
      "INSERT INTO dgm.system_configurations (config_key, category, value_type, config_value) VALUES ('k', 'c', 'boolean', '\"true\"')",
    ],
  ])("refuse %s", async (statement) => {
    expect(await failure(service, statement)).toBe("23514");
  });

  test("refuse a status that is none, whatever the partition", async () => {
    // No partition takes it, so the row does not get as far as the check.
    expect(await failure(service, "INSERT INTO dgm.dgm_archive (status) VALUES ('odd')")).toBe("23514");
  });
});

describe("the indexes of dgm", () => {
  test("are those of the requirements, valid, on every partition", async () => {
    const found = await rows(
      admin,
      `SELECT c.relname FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
       WHERE c.relnamespace = 'dgm'::regnamespace AND i.indisvalid AND NOT c.relispartition AND c.relname = ANY ($1)
       ORDER BY c.relname`,
      [SEED_INDEXES],
    );
    expect(found).toEqual(SEED_INDEXES);
    expect(
      await rows(
        admin,
        `SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         WHERE c.relnamespace = 'dgm'::regnamespace AND NOT i.indisvalid`,
      ),
    ).toEqual([]);
    const missing = await rows(
      admin,
      `SELECT leaf.relid::regclass::text, root.indexrelid::regclass::text
       FROM pg_index root JOIN pg_class r ON r.oid = root.indrelid,
            pg_partition_tree(root.indrelid) AS leaf
       WHERE r.relnamespace = 'dgm'::regnamespace AND r.relkind = 'p' AND NOT r.relispartition AND leaf.isleaf
         AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = leaf.relid
                         AND pg_partition_root(i.indexrelid) = root.indexrelid)`,
    );
    expect(missing).toEqual([]);
  });

  test("begin with the columns of every foreign key", async () => {
    const bare = await rows(
      admin,
      `SELECT conrelid::regclass::text, conname FROM pg_constraint c
       WHERE contype = 'f' AND connamespace = 'dgm'::regnamespace AND conparentid = 0 AND NOT EXISTS (
         SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])`,
    );
    expect(bare).toEqual([]);
  });
});

test("every function that runs as its owner has a pinned search_path", async () => {
  const open = await rows(
    admin,
    `SELECT oid::regprocedure::text FROM pg_proc WHERE prosecdef
       AND pronamespace IN ('dgm'::regnamespace, 'platform'::regnamespace, 'pgbouncer'::regnamespace)
       AND NOT coalesce(proconfig::text LIKE '%search_path=pg_catalog, pg_temp%', false)`,
  );
  expect(open).toEqual([]);
});
