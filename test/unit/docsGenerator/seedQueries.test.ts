import { expect, test } from "vitest";
import { SEED_QUERIES } from "../../../docs/generator/seedQueries/index.ts";

/** Every index that the requirements name, with its schema; and those that they describe without a name. */
const REQUIRED: Record<string, string[]> = {
  auth: [
    ...[
      "idx_users_username_active",
      "idx_users_email_active",
      "idx_users_email_verified",
      "idx_users_last_login",
    ],
    ...["idx_sessions_token_hash", "idx_sessions_expires_active", "idx_sessions_cleanup"],
    ...["idx_user_roles_composite", "idx_oauth_tokens_provider_user", "idx_audit_logs_user_timestamp"],
    ...["idx_audit_logs_resource_action", "idx_security_events_user_timestamp"],
  ],
  ac: [
    ...["idx_principles_priority", "idx_principles_active"],
    ...["idx_compliance_checks_timestamp", "idx_compliance_checks_principle_time"],
  ],
  integrity: [
    ...["idx_audit_logs_timestamp", "idx_audit_logs_user", "idx_audit_logs_user_time"],
    ...["idx_signatures_document", "idx_hash_records_hash"],
  ],
  fv: ["idx_verification_results_policy", "idx_verification_results_status", "idx_safety_properties_active"],
  gs: [
    ...["idx_policies_status", "idx_policies_constitutional_hash"],
    ...["idx_synthesis_history_user", "idx_llm_interactions_timestamp"],
  ],
  pgc: [
    ...["idx_policy_decisions_timestamp", "idx_policy_decisions_policy", "idx_policy_decisions_time_policy"],
    ...["idx_active_policies_status", "idx_enforcement_logs_action", "idx_policy_rules_name_active"],
  ],
  ec: ["idx_evolution_metrics_timestamp", "idx_optimization_history_algorithm", "idx_wina_states_context"],
  dgm: [
    ...["idx_dgm_archive_status", "idx_dgm_archive_status_timestamp", "idx_dgm_archive_status_score_created"],
    ...["idx_dgm_archive_metadata", "idx_dgm_archive_tags"],
    ...["idx_performance_metrics_service", "idx_performance_metrics_composite"],
    ...["idx_performance_metrics_name_timestamp", "idx_performance_metrics_tags"],
    ...["idx_compliance_logs_level", "idx_compliance_logs_service_level", "idx_compliance_logs_critical"],
    ...[
      "idx_compliance_logs_violations",
      "idx_bandit_states_context_arm",
      "idx_bandit_states_context_reward",
    ],
    ...["idx_workspaces_status_created", "idx_workspaces_active"],
  ],
};

test.each(Object.entries(REQUIRED))(
  "each index that is required of %s serves a query",
  (schema, required) => {
    const serving = SEED_QUERIES.filter((query) => query.schema === schema).flatMap(({ indexes }) => indexes);
    expect(required.filter((index) => !serving.includes(index))).toEqual([]);
  },
);

test("a title is the only one of its schema: it is an anchor", () => {
  const titles = SEED_QUERIES.map(({ schema, title }) => `${schema}: ${title}`);
  expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([]);
});

test("what no index serves, or what reads a whole table, has its reason", () => {
  const plain = SEED_QUERIES.filter(
    ({ indexes, readsWhole = [], note }) => (indexes.length === 0 || readsWhole.length > 0) && !note,
  );
  expect(plain).toEqual([]);
});

test("the requirements' three slow queries are asked as they were written", () => {
  const spaced = (sql: string) => sql.replaceAll(/\s+/g, " ").trim();
  const asked = SEED_QUERIES.map(({ sql }) => spaced(sql));
  expect(asked).toContain(
    "SELECT * FROM policy_decisions WHERE created_at > NOW() - INTERVAL '1 hour' ORDER BY created_at DESC",
  );
  expect(asked).toContain(
    "SELECT * FROM audit_logs WHERE user_id = $1 AND action LIKE '%policy%' ORDER BY created_at DESC",
  );
  expect(asked).toContain(
    "SELECT AVG(compliance_score) FROM compliance_checks WHERE created_at > NOW() - INTERVAL '1 day' GROUP BY principle_id",
  );
});
