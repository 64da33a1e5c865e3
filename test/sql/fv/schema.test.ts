import { randomUUID } from "node:crypto";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failure, rows, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";
import { conventionFaults, expectSameAgain, indexDefinitions, refusedBy, tablesOf } from "../conventions.ts";

/** The indexes that the requirements name, with their columns. */
const SEED_INDEXES = {
  idx_verification_results_policy: "verification_results USING btree (policy_id, created_at DESC)",
  idx_verification_results_status: "verification_results USING btree (verification_status)",
  idx_safety_properties_active: "safety_properties USING btree (is_active, priority)",
};

const DENIED = "42501";

let database: StackDatabase;
let admin: pg.Client;
let service: pg.Client;

beforeAll(async () => {
  database = await startAppliedDatabase("fv");
  admin = await database.connect();
  service = await database.connect("fv_service");
});
afterAll(() => database?.stop());

const result = (status: string, columns = "", values = ""): string =>
  `INSERT INTO fv.verification_results (policy_id, verification_status${columns && `, ${columns}`}) ` +
  `VALUES (gen_random_uuid(), '${status}'${values && `, ${values}`})`;

const fairness = (column: string, value: string): string => {
  const row: Record<string, string> = {
    protected_attribute: "'age_group'",
    fairness_metric: "'demographic_parity'",
    metric_value: "0.02",
    metric_threshold: "0.1",
    outcome: "'fair'",
    fairness_score: "0.98",
    sample_size: "1000",
    [column]: value,
  };
  const columns = Object.keys(row).join(", ");
  return `INSERT INTO fv.fairness_assessments (policy_id, ${columns}) VALUES (gen_random_uuid(), ${Object.values(row).join(", ")})`;
};

describe("the schema", () => {
  test("has the five tables of the requirements, and their indexes", async () => {
    expect(await tablesOf(admin, "fv")).toEqual([
      "consistency_checks",
      "fairness_assessments",
      "safety_properties",
      "verification_results",
      "verification_rules",
    ]);
    expect(await indexDefinitions(admin, "fv")).toMatchObject(SEED_INDEXES);
  });

  test("keeps to the rules of all schemas", async () => {
    expect(await conventionFaults(admin, "fv")).toEqual([]);
  });

  test("is judged by rules that find what breaks them", async () => {
    await admin.query(`BEGIN;
      CREATE TYPE fv.mood AS ENUM ('good');
      CREATE TABLE fv.odd (m fv.mood, t timestamp, result_id uuid REFERENCES fv.verification_results (id));
      GRANT SELECT ON fv.odd TO PUBLIC;
      CREATE FUNCTION fv.odd() RETURNS int LANGUAGE sql RETURN 1;
      GRANT EXECUTE ON FUNCTION fv.odd() TO PUBLIC`);
    const faults = await conventionFaults(admin, "fv");
    await admin.query("ROLLBACK");
    expect(faults).toEqual([
      "a search path that is not pinned: odd",
      "an enum, or a time without zone: odd.m",
      "an enum, or a time without zone: odd.t",
      "no index for the foreign key: odd_result_id_fkey",
      "not owned by acgs_owner: odd",
      "not owned by acgs_owner: odd",
      "open to PUBLIC: odd",
      "open to PUBLIC: odd",
      "without a comment: odd",
      "without a comment: odd",
      "without a comment: odd.m",
      "without a comment: odd.result_id",
      "without a comment: odd.t",
      "without a primary key: odd",
      "without the constitutional hash: odd",
    ]);
  });

  test.each([
    ["verification_results_status_check", result("proved", "completed_at", "now()")],
    ["verification_results_verdict_check", result("verified", "completed_at", "now()")],
    ["verification_results_verdict_check", result("verified", "completed_at, solver_result", "now(), 'sat'")],
    ["verification_results_verdict_check", result("violated", "completed_at", "now()")],
    ["verification_results_verdict_check", result("pending", "solver_result", "'unsat'")],
    ["verification_results_completed_check", result("verified", "solver_result", "'unsat'")],
    ["verification_results_completed_check", result("running", "completed_at", "now()")],
    ["verification_results_counterexample_check", result("pending", "counterexample", "'{}'")],
    ["verification_results_unsat_core_check", result("pending", "unsat_core", "'[]'")],
    ["verification_results_input_sha256_check", result("pending", "input_sha256", "'\\x00'")],
    ["verification_results_confidence_check", result("pending", "confidence_score", "1.01")],
    [
      "verification_results_constitutional_hash_check",
      result("pending", "constitutional_hash", "'deadbeef'"),
    ],
    [
      "consistency_checks_policy_ids_check",
      "INSERT INTO fv.consistency_checks (policy_ids) VALUES ('{}'), ('{NULL}')",
    ],
    [
      "consistency_checks_verdict_check",
      "INSERT INTO fv.consistency_checks (policy_ids, status, completed_at) VALUES (ARRAY[gen_random_uuid()], 'inconsistent', now())",
    ],
    ["fairness_assessments_score_check", fairness("fairness_score", "-0.01")],
    ["fairness_assessments_metric_check", fairness("fairness_metric", "'niceness'")],
    ["fairness_assessments_outcome_check", fairness("outcome", "'good'")],
    ["fairness_assessments_dataset_sha256_check", fairness("dataset_sha256", "'\\x00'")],
    [
      "safety_properties_priority_check",
      "INSERT INTO fv.safety_properties (name, formal_specification, priority) VALUES ('p', 'f', 0)",
    ],
    [
      "verification_rules_status_check",
      "INSERT INTO fv.verification_rules (name, rule_set, status) VALUES ('r', '(assert p)', 'on')",
    ],
  ])("refuses by %s: %s", async (constraint, statement) => {
    expect(await refusedBy(service, statement)).toBe(constraint);
  });

  test("takes a verification through its life and keeps what it rests on", async () => {
    const property =
      "INSERT INTO fv.safety_properties (name, formal_specification) VALUES ($1, $2) RETURNING id";
    const specification = "(assert (not safe)) ".repeat(1000);
    const [propertyId] = await rows(service, property, ["no_self_approval", specification]);
    const rule =
      "INSERT INTO fv.verification_rules (name, version, rule_set, safety_property_id) VALUES ('base', $1, 'r', $2) RETURNING id";
    const [ruleId] = await rows(service, rule, [1, propertyId]);
    expect(await refusedBy(service, rule, [1, propertyId])).toBe("verification_rules_name_version_key");
    await rows(service, rule, [2, propertyId]);
    const [resultId] = await rows(
      service,
      `INSERT INTO fv.verification_results (policy_id, safety_property_id, verification_rule_id)
       VALUES ($1, $2, $3) RETURNING id`,
      [randomUUID(), propertyId, ruleId],
    );
    const move =
      "UPDATE fv.verification_results SET verification_status = 'running', started_at = now() WHERE id = $1";
    await service.query(move, [resultId]);
    await service.query(
      `UPDATE fv.verification_results SET verification_status = 'violated', solver_result = 'sat', counterexample = '{"x": 1}',
         completed_at = now() WHERE id = $1`,
      [resultId],
    );
    expect(await rows(service, "SELECT updated_at > created_at FROM fv.verification_results")).toEqual([
      true,
    ]);
    expect(
      await rows(service, "SELECT pg_column_compression(formal_specification) FROM fv.safety_properties"),
    ).toEqual(["lz4"]);
    await service.query(fairness("verification_result_id", `'${String(resultId)}'`));
    const remove = (table: string, id: unknown, as = service): Promise<string | undefined> =>
      refusedBy(as, `DELETE FROM fv.${table} WHERE id = $1`, [id]);
    expect(await remove("safety_properties", propertyId)).toBe("verification_rules_safety_property_id_fkey");
    expect(await remove("verification_rules", ruleId)).toBe("verification_results_verification_rule_id_fkey");
    expect(await remove("verification_results", resultId, admin)).toBe(
      "fairness_assessments_verification_result_id_fkey",
    );
    expect(await failure(service, "DELETE FROM fv.verification_results")).toBe(DENIED);
  });

  test("gives fv_service its rows and no more", async () => {
    const outcome = async (login: string, statement: string): Promise<string | undefined> =>
      failure(await database.connect(login), statement);
    expect(await outcome("fv_service", "TRUNCATE fv.verification_results")).toBe(DENIED);
    expect(await outcome("fv_service", "ALTER TABLE fv.verification_results ADD COLUMN x int")).toBe(DENIED);
    expect(await outcome("fv_service", "CREATE TABLE fv.mine (x int)")).toBe(DENIED);
    expect(await outcome("gs_service", "SELECT * FROM fv.verification_results")).toBe(DENIED);
    expect(await outcome("acgs_readonly", "SELECT * FROM fv.verification_results")).toBeUndefined();
    expect(await outcome("acgs_readonly", result("pending"))).toBe(DENIED);
    expect(await outcome("acgs_user", result("pending"))).toBeUndefined();
  });

  test("comes out the same when every repeatable file runs again, and then nothing runs", async () => {
    const repeatable = ["indexes", "row_upkeep", "statistics", "storage"];
    await expectSameAgain(database, admin, { schema: "fv", repeatable, made: 20 });
  });
});
