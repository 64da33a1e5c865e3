/** The tables that are partitioned by month, as the configuration names them. The files in `sql/` make them so. */
export const PARTITIONED_TABLES = [
  "auth.audit_logs",
  "auth.security_events",
  "integrity.audit_logs",
  "gs.llm_interactions",
  "pgc.policy_decisions",
  "pgc.enforcement_logs",
  "ec.evolution_metrics",
  "dgm.dgm_archive",
  "dgm.performance_metrics",
  "dgm.constitutional_compliance_logs",
] as const;

/** What is never dropped. */
export const KEEP = "keep";

/** Full months before the current one that a table keeps. */
export type Retention = Partial<Record<(typeof PARTITIONED_TABLES)[number], number | typeof KEEP>>;

/** The integrity service's trail proves what happened: it goes only when the operator says so. */
const OWN_RETENTION: Retention = { "integrity.audit_logs": KEEP };

/**
 * What `platform.keep_by_month()` reads: months by table, null for all of them, and the default of the others.
 *
 * @param schema whose tables it names, since another's are no reason to run its files again. @default every schema
 */
export function retentionSetting(retentionMonths: number, retention: Retention, schema?: string): string {
  const months = Object.entries({ ...OWN_RETENTION, ...retention })
    .filter(([table]) => schema === undefined || table.startsWith(`${schema}.`))
    .map(([table, kept]) => [table, kept === KEEP ? null : kept] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ default: retentionMonths, ...Object.fromEntries(months) });
}
