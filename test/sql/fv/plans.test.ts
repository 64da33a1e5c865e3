import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";
import { indexesRead } from "../conventions.ts";

let database: StackDatabase;
let service: pg.Client;

/** Two months at the requirements' 500 rows a day, many of them repeated for the same policies; few are waiting. */
const LOAD = [
  `INSERT INTO fv.safety_properties (name, formal_specification, is_active, priority)
   SELECT 'property_' || i, '(assert p' || i || ')', i % 4 = 0, 1 + i % 1000 FROM generate_series(1, 4000) AS i`,
  `INSERT INTO fv.verification_rules (name, rule_set, safety_property_id)
   SELECT 'rules_' || row_number() OVER (), 'r', id FROM fv.safety_properties LIMIT 2000`,
  `INSERT INTO fv.verification_results (policy_id, created_at, verification_status, solver_result, completed_at,
     safety_property_id, verification_rule_id)
   SELECT md5((i % 1500)::text)::uuid, now() - i * interval '3 minutes', status, answer,
          CASE WHEN answer IS NOT NULL THEN now() END, p.id, r.id
   FROM generate_series(1, 30000) AS i
   CROSS JOIN LATERAL (SELECT CASE WHEN i % 300 = 0 THEN 'pending' WHEN i % 20 = 0 THEN 'violated' ELSE 'verified' END AS status) AS s
   CROSS JOIN LATERAL (SELECT CASE status WHEN 'verified' THEN 'unsat' WHEN 'violated' THEN 'sat' END AS answer) AS a
   JOIN (SELECT id, row_number() OVER () AS n FROM fv.safety_properties) AS p ON p.n = 1 + i % 4000
   JOIN (SELECT id, row_number() OVER () AS n FROM fv.verification_rules) AS r ON r.n = 1 + i % 2000`,
  `INSERT INTO fv.consistency_checks (policy_ids, verification_rule_id)
   SELECT ARRAY[md5((i % 1500)::text)::uuid, md5((i * 7 % 1500)::text)::uuid], r.id FROM generate_series(1, 10000) AS i
   JOIN (SELECT id, row_number() OVER () AS n FROM fv.verification_rules) AS r ON r.n = 1 + i % 2000`,
  `INSERT INTO fv.fairness_assessments (policy_id, created_at, verification_result_id, protected_attribute, fairness_metric,
     metric_value, metric_threshold, outcome, fairness_score, sample_size)
   SELECT policy_id, created_at, id, 'age_group', 'demographic_parity', 0.01, 0.1, 'fair', 0.99, 1000 FROM fv.verification_results`,
];

beforeAll(async () => {
  database = await startAppliedDatabase("fv");
  service = await database.connect("fv_service");
  for (const statement of LOAD) await service.query(statement);
  const superuser = await database.connect();
  // As autovacuum would in a while.
  await superuser.query("VACUUM ANALYZE");
});
afterAll(() => database?.stop());

const ONE = "md5('7')::uuid";

test.each([
  [
    "idx_verification_results_policy",
    `SELECT * FROM fv.verification_results WHERE policy_id = ${ONE} ORDER BY created_at DESC LIMIT 1`,
  ],
  [
    "idx_verification_results_status",
    "SELECT * FROM fv.verification_results WHERE verification_status = 'pending'",
  ],
  [
    "idx_safety_properties_active",
    "SELECT * FROM fv.safety_properties WHERE is_active ORDER BY priority LIMIT 20",
  ],
  [
    "idx_consistency_checks_policies",
    `SELECT * FROM fv.consistency_checks WHERE policy_ids @> ARRAY[${ONE}]`,
  ],
  [
    "idx_fairness_assessments_policy",
    `SELECT * FROM fv.fairness_assessments WHERE policy_id = ${ONE} ORDER BY created_at DESC LIMIT 10`,
  ],
  [
    "idx_verification_results_property",
    `SELECT * FROM fv.verification_results WHERE safety_property_id = ${ONE}`,
  ],
  [
    "idx_verification_results_rule",
    `SELECT * FROM fv.verification_results WHERE verification_rule_id = ${ONE}`,
  ],
  [
    "idx_verification_rules_property",
    `SELECT * FROM fv.verification_rules WHERE safety_property_id = ${ONE}`,
  ],
  ["idx_consistency_checks_rule", `SELECT * FROM fv.consistency_checks WHERE verification_rule_id = ${ONE}`],
  [
    "idx_fairness_assessments_result",
    `SELECT * FROM fv.fairness_assessments WHERE verification_result_id = ${ONE}`,
  ],
])("%s serves the query it is for", async (index, query) => {
  expect(await indexesRead(service, "fv", query)).toEqual([index]);
});
