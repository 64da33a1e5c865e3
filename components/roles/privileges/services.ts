import type { ServiceSchema } from "../../../lib/names.ts";
import type { Party, TableEntry } from "./tableClasses.ts";

/** A function that somebody may call; those that are not listed are the owner's alone. */
export interface FunctionEntry {
  /** Name and types of the arguments, as PostgreSQL tells functions apart: `f(integer, text)`. */
  readonly signature: string;
  readonly callers: readonly Party[];
}

/** Everything in a service's schema that anyone but the owner may touch. */
export interface SchemaEntry {
  readonly tables: Readonly<Record<string, TableEntry>>;
  readonly functions: readonly FunctionEntry[];
}

const forService = (...signatures: string[]): FunctionEntry[] =>
  signatures.map((signature) => ({ signature, callers: ["service"] }));

/** For jobs of pg_cron, which run as the service. */
const UPKEEP = forService("daily_partition_maintenance()", "refresh_statistics()");

const READS_ONLY = [{ verb: "SELECT" }] as const;

/**
 * Which login may do what in the schemas of the services: this table is the one place that says so. From it come the
 * grants (`sql/<schema>/R__privileges.sql`), docs/privileges.md (`npm run privileges` writes both), and the tests that
 * try everything, allowed and denied, on a real server (`test/sql/roles`).
 *
 * A table, view, sequence or function that is not here is closed to everybody but its owner, and a test names it.
 */
export const SERVICE_PRIVILEGES: Readonly<Record<ServiceSchema, SchemaEntry>> = {
  auth: {
    tables: {
      users: {
        kind: "secret",
        readable: [
          ...["id", "username", "email", "display_name", "is_active", "email_verified", "mfa_enabled"],
          ...["failed_login_attempts", "locked_until", "last_login_at", "password_changed_at", "profile"],
          ...["created_at", "updated_at", "constitutional_hash"],
        ],
        application: {
          rights: [{ verb: "SELECT" }, { verb: "UPDATE", columns: ["display_name", "profile"] }],
          why: "what users say of themselves; accounts, addresses and passwords are auth_service's",
        },
      },
      permissions: { kind: "own" },
      roles: { kind: "own" },
      role_permissions: { kind: "derived" },
      user_roles: { kind: "own" },
      sessions: {
        kind: "secret",
        readable: [
          ...["id", "user_id", "is_active", "mfa_verified", "ip_address", "user_agent", "created_at"],
          ...["last_activity_at", "expires_at", "constitutional_hash"],
        ],
      },
      oauth_tokens: {
        kind: "secret",
        readable: [
          ...["id", "user_id", "provider", "provider_account_id", "token_type", "scopes", "expires_at"],
          ...["refresh_expires_at", "usable_until", "created_at", "updated_at", "constitutional_hash"],
        ],
      },
      mfa_tokens: {
        kind: "secret",
        readable: [
          ...["id", "user_id", "method", "label", "confirmed_at", "last_used_at", "last_used_step"],
          ...["failed_attempts", "expires_at", "created_at", "updated_at", "constitutional_hash"],
        ],
      },
      audit_logs: {
        kind: "log",
        sequence: "audit_logs_id_seq",
        application: {
          rights: READS_ONLY,
          why: "log-ins and changes of accounts are auth_service's to tell",
        },
      },
      security_events: { kind: "log", sequence: "security_events_id_seq" },
      authenticated_sessions: { kind: "private" },
    },
    functions: forService(
      "cleanup_expired_sessions(integer)",
      "cleanup_expired_tokens(integer)",
      "daily_partition_maintenance()",
    ),
  },
  ac: {
    tables: {
      principles: { kind: "own" },
      meta_rules: { kind: "own" },
      constitutional_council: { kind: "own" },
      principle_conflicts: { kind: "history" },
      compliance_checks: { kind: "log" },
      compliance_summary: { kind: "view" },
    },
    functions: forService("refresh_compliance_summary()"),
  },
  integrity: {
    tables: {
      audit_logs: {
        kind: "log",
        sequence: "audit_logs_id_seq",
        insertable: [
          ...[
            "occurred_at",
            "user_id",
            "request_id",
            "service_name",
            "action",
            "resource_type",
            "resource_id",
          ],
          ...["outcome", "client_address", "details", "constitutional_hash"],
        ],
      },
      audit_seals: { kind: "derived" },
      audit_seal_entries: { kind: "derived" },
      certificates: {
        kind: "evidence",
        changeable: ["owner_id", "issuer_certificate_id", "status", "revoked_at", "revocation_reason"],
      },
      pgp_keys: {
        kind: "evidence",
        changeable: [
          ...["owner_id", "private_key_reference", "trust_level", "status", "expires_at", "revoked_at"],
        ],
      },
      signatures: {
        kind: "evidence",
        changeable: ["verification_status", "verified_at", "verification_error", "expires_at"],
      },
      hash_records: { kind: "evidence", changeable: ["verification_status", "verified_at", "metadata"] },
      audit_chain_head: { kind: "view" },
    },
    functions: [
      ...UPKEEP,
      ...forService("seal_audit_logs(integer, integer)"),
      // Whoever may read the trail may verify it.
      ...[
        "audit_log_hash(integrity.audit_logs)",
        "audit_entries_hash(bigint[], bytea[])",
        "audit_seal_hash(integrity.audit_seals)",
        "audit_seal_faults(bigint)",
        "audit_row_faults(integrity.audit_seals, timestamp with time zone)",
        "verify_audit_chain(bigint, bigint, bytea)",
        "spot_check_audit_chain(integer)",
      ].map((signature): FunctionEntry => ({ signature, callers: ["service", "application", "reader"] })),
    ],
  },
  fv: {
    tables: {
      safety_properties: { kind: "own" },
      verification_rules: { kind: "own" },
      verification_results: { kind: "history" },
      consistency_checks: { kind: "history" },
      fairness_assessments: { kind: "history" },
    },
    functions: [],
  },
  gs: {
    tables: {
      policy_templates: { kind: "own" },
      synthesis_history: { kind: "history" },
      policies: { kind: "own" },
      multi_model_consensus: { kind: "history" },
      wina_optimizations: { kind: "history" },
      // Prompt and answer can be forgotten; their hashes stay.
      llm_interactions: {
        kind: "log",
        sequence: "llm_interactions_id_seq",
        changeable: ["prompt", "response"],
      },
    },
    functions: [...UPKEEP, ...forService("activate_policy(uuid)")],
  },
  pgc: {
    tables: {
      opa_bundles: { kind: "own" },
      active_policies: { kind: "own" },
      policy_rules: { kind: "own" },
      policy_decisions: { kind: "log", sequence: "policy_decisions_id_seq" },
      enforcement_logs: { kind: "log", sequence: "enforcement_logs_id_seq" },
      governance_workflows: { kind: "own" },
    },
    functions: UPKEEP,
  },
  ec: {
    tables: {
      optimization_history: { kind: "history" },
      genetic_populations: { kind: "work" },
      wina_states: { kind: "own" },
      bandit_arms: { kind: "own" },
      evolution_metrics: { kind: "log", sequence: "evolution_metrics_id_seq" },
    },
    functions: UPKEEP,
  },
  dgm: {
    tables: {
      improvements: { kind: "derived" },
      dgm_archive: { kind: "work" },
      bandit_states: { kind: "own" },
      performance_metrics: { kind: "log", sequence: "performance_metrics_id_seq" },
      metric_aggregations: { kind: "own" },
      // An assessment stays as it was made; what a review adds is another matter.
      constitutional_compliance_logs: {
        kind: "log",
        changeable: ["review_status", "reviewed_by", "reviewed_at"],
      },
      improvement_workspaces: { kind: "work" },
      // Sensitive rows are for the service alone: row level security (V006) holds beside this.
      system_configurations: { kind: "own" },
      index_usage: { kind: "view" },
      slow_queries: { kind: "view" },
      partition_sizes: { kind: "view" },
    },
    functions: [
      ...UPKEEP,
      ...forService(
        "aggregate_metrics(text, timestamp with time zone, timestamp with time zone)",
        "set_configuration(text, text)",
        "add_configuration(text, text, text, text, boolean, text)",
        // Beneath those two, and get_configuration(), which run as whoever calls them.
        "configuration_from_text(text, text, text)",
        "is_of_value_type(jsonb, text)",
        "open_configuration(uuid)",
      ),
      // Row level security decides which settings there are for a login.
      { signature: "get_configuration(text)", callers: ["service", "application", "reader"] },
    ],
  },
};
