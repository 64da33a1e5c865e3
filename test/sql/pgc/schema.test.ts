import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { conventionFaults, indexDefinitions, refusedBy, tablesOf } from "../conventions.ts";
import { failure, rows, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

/** The indexes that the requirements name, with their columns. */
const SEED_INDEXES = {
  idx_policy_decisions_timestamp: "policy_decisions USING btree (decision_time DESC)",
  idx_policy_decisions_policy: "policy_decisions USING btree (policy_id, decision_time DESC)",
  idx_policy_decisions_time_policy:
    "policy_decisions USING btree (decision_time DESC, policy_id) INCLUDE (decision, evaluation_time_us)",
  idx_active_policies_status: "active_policies USING btree (status, priority DESC)",
  idx_enforcement_logs_action: "enforcement_logs USING btree (action_type, created_at DESC)",
  idx_policy_rules_name_active: "policy_rules USING btree (name) WHERE (is_active = true)",
};

const DENIED = "42501";
const SHA256 = "a".repeat(64);

let database: StackDatabase;
let admin: pg.Client;
let service: pg.Client;
let policy: string;

beforeAll(async () => {
  database = await startAppliedDatabase("pgc");
  admin = await database.connect();
  service = await database.connect("pgc_service");
  [policy] = (await rows(service, activated({}).replace("RETURNING id", "RETURNING policy_id"))) as [string];
});
afterAll(() => database?.stop());

/** An insert of a row that is right but for what is given. */
const insert = (table: string, row: Record<string, string>): string =>
  `INSERT INTO pgc.${table} (${Object.keys(row).join(", ")}) VALUES (${Object.values(row).join(", ")}) RETURNING id`;

const bundled = (row: Record<string, string>): string =>
  insert("opa_bundles", { name: "gen_random_uuid()::text", revision: "'r1'", ...row });
const built = (row: Record<string, string>): string =>
  bundled({
    status: "'ready'",
    bundle_hash: `'${SHA256}'`,
    storage_location: "'s3://bundles/1'",
    built_at: "now()",
    ...row,
  });
const activated = (row: Record<string, string>): string =>
  insert("active_policies", {
    policy_id: "gen_random_uuid()",
    name: "'access'",
    package_path: "'acgs.governance.access'",
    policy_hash: `'${SHA256}'`,
    ...row,
  });
const ruled = (row: Record<string, string>): string =>
  insert("policy_rules", {
    policy_id: `'${policy}'`,
    name: "gen_random_uuid()::text",
    effect: "'deny'",
    ...row,
  });
const decided = (row: Record<string, string>): string =>
  insert("policy_decisions", {
    policy_id: `'${policy}'`,
    decision: "'allow'",
    decision_path: "'acgs/governance/allow'",
    ...row,
  });
const enforced = (row: Record<string, string>): string =>
  insert("enforcement_logs", {
    policy_id: `'${policy}'`,
    action_type: "'block'",
    enforced_by: "'gs_service'",
    ...row,
  });
const defined = (row: Record<string, string>): string =>
  insert("governance_workflows", {
    name: "gen_random_uuid()::text",
    workflow_type: "'amendment'",
    trigger_event: "'policy.proposed'",
    steps: `'[{"step": "review"}]'`,
    ...row,
  });

describe("the schema", () => {
  test("has the six tables of the requirements, and their indexes", async () => {
    expect(await tablesOf(admin, "pgc")).toEqual([
      "active_policies",
      "enforcement_logs",
      "governance_workflows",
      "opa_bundles",
      "policy_decisions",
      "policy_rules",
    ]);
    expect(await indexDefinitions(admin, "pgc")).toMatchObject(SEED_INDEXES);
  });

  test("keeps to the rules of all schemas", async () => {
    expect(await conventionFaults(admin, "pgc")).toEqual([]);
  });

  test("refuses nothing of a row that is right", async () => {
    for (const make of [bundled, built, activated, ruled, decided, enforced, defined]) {
      expect(await refusedBy(service, make({}))).toBeUndefined();
    }
  });

  test.each<[string, () => string]>([
    ["opa_bundles_status_check", () => built({ status: "'new'" })],
    ["opa_bundles_built_check", () => built({ bundle_hash: "NULL" })],
    ["opa_bundles_activated_check", () => built({ status: "'active'" })],
    ["opa_bundles_bundle_hash_check", () => built({ bundle_hash: "'AB'" })],
    ["opa_bundles_manifest_check", () => bundled({ manifest: "'[]'" })],
    ["active_policies_status_check", () => activated({ status: "'on'" })],
    ["active_policies_priority_check", () => activated({ priority: "1001" })],
    ["active_policies_scope_check", () => activated({ scope: "'Service GS'" })],
    ["active_policies_package_path_check", () => activated({ package_path: "'acgs..x'" })],
    ["active_policies_score_check", () => activated({ constitutional_compliance_score: "1.01" })],
    ["active_policies_effective_check", () => activated({ effective_until: "now() - interval '1 day'" })],
    ["active_policies_policy_id_key", () => activated({ policy_id: `'${policy}'` })],
    ["active_policies_bundle_id_fkey", () => activated({ bundle_id: "gen_random_uuid()" })],
    ["policy_rules_effect_check", () => ruled({ effect: "'maybe'" })],
    ["policy_rules_condition_check", () => ruled({ condition: "'[]'" })],
    ["policy_rules_policy_id_fkey", () => ruled({ policy_id: "gen_random_uuid()" })],
    ["policy_decisions_decision_check", () => decided({ decision: "'perhaps'" })],
    ["policy_decisions_evaluation_time_us_check", () => decided({ evaluation_time_us: "-1" })],
    ["policy_decisions_score_check", () => decided({ constitutional_compliance_score: "-0.01" })],
    [
      "policy_decisions_constitutional_hash_check",
      () => decided({ constitutional_hash: "'deadbeefdeadbeef'" }),
    ],
    ["enforcement_logs_decision_check", () => enforced({ decision_id: "7" })],
    ["enforcement_logs_action_type_check", () => enforced({ action_type: "'shout'" })],
    ["enforcement_logs_error_check", () => enforced({ error_message: "'none'" })],
    ["enforcement_logs_target_check", () => enforced({ target_id: "'7'" })],
    ["governance_workflows_steps_check", () => defined({ steps: "'[]'" })],
    ["governance_workflows_steps_check", () => defined({ steps: "'{}'" })],
    ["governance_workflows_trigger_event_check", () => defined({ trigger_event: "'Policy proposed'" })],
    ["governance_workflows_approval_threshold_check", () => defined({ approval_threshold: "1.5" })],
  ])("refuses by %s (%#)", async (constraint, statement) => {
    expect(await refusedBy(service, statement())).toBe(constraint);
  });

  test("has one revision of a bundle and one version of a workflow in force", async () => {
    const bundle = { name: "'governance'", status: "'active'", activated_at: "now()" };
    expect(await refusedBy(service, built({ ...bundle, revision: "'r1'" }))).toBeUndefined();
    expect(await refusedBy(service, built({ ...bundle, revision: "'r2'" }))).toBe(
      "idx_opa_bundles_one_active",
    );
    const workflow = { name: "'amend'", status: "'active'", activated_at: "now()" };
    expect(await refusedBy(service, defined({ ...workflow, version: "1" }))).toBeUndefined();
    expect(await refusedBy(service, defined({ ...workflow, version: "2" }))).toBe(
      "idx_governance_workflows_one_active",
    );
    expect(
      await refusedBy(service, defined({ ...workflow, version: "2", status: "'draft'" })),
    ).toBeUndefined();
  });

  test("keeps a policy that has rules, and stamps what changes", async () => {
    await service.query(ruled({}));
    const remove = "DELETE FROM pgc.active_policies WHERE policy_id = $1";
    expect(await failure(service, remove, [policy])).toBe("23503");
    for (const table of ["opa_bundles", "active_policies", "policy_rules", "governance_workflows"]) {
      await service.query(`UPDATE pgc.${table} SET constitutional_hash = constitutional_hash`);
      expect(await rows(service, `SELECT bool_and(updated_at > created_at) FROM pgc.${table}`)).toEqual([
        true,
      ]);
    }
  });

  test("takes a batch in one statement, and a decision of a policy that it does not know", async () => {
    const { rowCount } = await service.query(
      `INSERT INTO pgc.policy_decisions (policy_id, decision, decision_path, input)
       SELECT gen_random_uuid(), 'allow', 'acgs/x', 'true' FROM generate_series(1, 1000)`,
    );
    expect(rowCount).toBe(1000);
  });
});

describe("privileges", () => {
  test.each([
    ["pgc_service", () => decided({}), undefined],
    ["pgc_service", () => "SELECT pgc.daily_partition_maintenance()", undefined],
    ["pgc_service", () => "SELECT pgc.refresh_statistics()", undefined],
    ["pgc_service", () => "TRUNCATE pgc.policy_decisions", DENIED],
    ["pgc_service", () => "DROP TABLE pgc.policy_rules", DENIED],
    ["acgs_user", () => decided({}), undefined],
    ["acgs_user", () => "SELECT pgc.daily_partition_maintenance()", DENIED],
    ["acgs_user", () => "SELECT pgc.refresh_statistics()", DENIED],
    ["acgs_readonly", () => "SELECT * FROM pgc.active_policies", undefined],
    ["acgs_readonly", () => decided({}), DENIED],
    ["gs_service", () => "SELECT * FROM pgc.active_policies", DENIED],
  ])("%s (%#)", async (login, statement, expected) => {
    expect(await failure(await database.connect(login), statement())).toBe(expected);
  });
});
