import { UserError } from "../../lib/errors.ts";

interface Share {
  /** Rows in a million. */
  perMillion: number;
  /** What there is one of for each rule, role or person: no more, however many rows. */
  atMost?: number;
  atLeast?: number;
}

/**
 * How many rows each table gets. The four largest take space as in the requirements (policy_decisions 800 MB, audit_logs
 * 600, synthesis_history 400, performance_metrics 300), the others follow their rows a day.
 */
export const SHARES = {
  "auth.permissions": { perMillion: 60, atLeast: 24, atMost: 96 },
  "auth.roles": { perMillion: 15, atLeast: 6, atMost: 12 },
  "auth.users": { perMillion: 5_000, atLeast: 40, atMost: 200_000 },
  "auth.user_roles": { perMillion: 8_000, atLeast: 60, atMost: 300_000 },
  "auth.sessions": { perMillion: 5_000, atLeast: 40 },
  "auth.oauth_tokens": { perMillion: 1_500, atLeast: 20 },
  "auth.mfa_tokens": { perMillion: 2_500, atLeast: 20 },
  "auth.audit_logs": { perMillion: 45_000, atLeast: 100 },
  "auth.security_events": { perMillion: 15_000, atLeast: 50 },
  "ac.principles": { perMillion: 100, atLeast: 12, atMost: 400 },
  "ac.meta_rules": { perMillion: 50, atLeast: 8, atMost: 60 },
  "ac.constitutional_council": { perMillion: 30, atLeast: 7, atMost: 25 },
  "ac.principle_conflicts": { perMillion: 500, atLeast: 12, atMost: 10_000 },
  "ac.compliance_checks": { perMillion: 10_000, atLeast: 60 },
  "integrity.certificates": { perMillion: 500, atLeast: 12, atMost: 20_000 },
  "integrity.pgp_keys": { perMillion: 500, atLeast: 12, atMost: 20_000 },
  "integrity.audit_logs": { perMillion: 270_000 },
  "integrity.signatures": { perMillion: 4_000, atLeast: 30 },
  "integrity.hash_records": { perMillion: 6_000, atLeast: 30 },
  "fv.safety_properties": { perMillion: 50, atLeast: 12, atMost: 300 },
  "fv.verification_rules": { perMillion: 80, atLeast: 12, atMost: 600 },
  "fv.verification_results": { perMillion: 5_000, atLeast: 40 },
  "fv.consistency_checks": { perMillion: 700, atLeast: 20 },
  "fv.fairness_assessments": { perMillion: 1_300, atLeast: 20 },
  "gs.policy_templates": { perMillion: 60, atLeast: 12, atMost: 300 },
  "gs.synthesis_history": { perMillion: 46_000, atLeast: 60 },
  "gs.policies": { perMillion: 1_500, atLeast: 60, atMost: 20_000 },
  "gs.multi_model_consensus": { perMillion: 4_000, atLeast: 20 },
  "gs.wina_optimizations": { perMillion: 2_000, atLeast: 20 },
  "gs.llm_interactions": { perMillion: 20_000, atLeast: 60 },
  "pgc.opa_bundles": { perMillion: 30, atLeast: 6, atMost: 200 },
  // Less than a fifth of the versions in gs.policies: those that are in force.
  "pgc.active_policies": { perMillion: 250, atLeast: 10, atMost: 3_000 },
  "pgc.policy_rules": { perMillion: 1_500, atLeast: 60, atMost: 20_000 },
  "pgc.policy_decisions": { perMillion: 0 },
  "pgc.enforcement_logs": { perMillion: 35_000, atLeast: 100 },
  "pgc.governance_workflows": { perMillion: 20, atLeast: 6, atMost: 60 },
  "ec.optimization_history": { perMillion: 2_000, atLeast: 20 },
  "ec.genetic_populations": { perMillion: 4_000, atLeast: 30 },
  "ec.wina_states": { perMillion: 200, atLeast: 20, atMost: 5_000 },
  "ec.bandit_arms": { perMillion: 300, atLeast: 24, atMost: 5_000 },
  "ec.evolution_metrics": { perMillion: 35_000, atLeast: 80 },
  "dgm.bandit_states": { perMillion: 300, atLeast: 24, atMost: 5_000 },
  "dgm.system_configurations": { perMillion: 20, atLeast: 10, atMost: 40 },
  "dgm.dgm_archive": { perMillion: 3_000, atLeast: 40 },
  "dgm.performance_metrics": { perMillion: 160_000 },
  "dgm.constitutional_compliance_logs": { perMillion: 5_000, atLeast: 40 },
  "dgm.improvement_workspaces": { perMillion: 1_500, atLeast: 20 },
} as const satisfies Record<string, Share>;

/** A table that is filled, with its schema. */
export type TableName = keyof typeof SHARES;
export const TABLE_NAMES = Object.keys(SHARES) as TableName[];

/** Takes what the others leave, about a third. */
const REST: TableName = "pgc.policy_decisions";
/** With fewer, there would not be a row for everything that has to be there once. */
export const LEAST_ROWS = 5_000;

/** So many rows for each table that they add up. @throws Fault when there are too few for all */
export function rowCounts(rows: number): Record<TableName, number> {
  if (rows < LEAST_ROWS)
    throw new UserError(`${rows} rows are too few for all tables: at least ${LEAST_ROWS}.`);
  const counts = {} as Record<TableName, number>;
  let left = rows;
  for (const name of TABLE_NAMES) {
    const { perMillion, atLeast = 0, atMost = Infinity }: Share = SHARES[name];
    counts[name] = Math.min(atMost, Math.max(atLeast, Math.floor((rows * perMillion) / 1e6)));
    left -= counts[name];
  }
  counts[REST] += left;
  return counts;
}
