/** A query with the schema whose service asks it. */
export interface SeedQuery extends ServiceQuery {
  schema: string;
}

/** A query of the requirements with the index that serves it: no page is written where the plan is another. */
export interface ServiceQuery {
  /** What is asked, as a heading: `Log-in by name`. */
  title: string;
  /** Where the requirements have it, or which of their words it answers. */
  source: string;
  /**
   * The statement. Tables go without a schema and `now()` is the moment of the examples (`examples/moment.ts`).
   * Parameters are `$1`, `$2`.
   */
  sql: string;
  /** Expressions that give an example's value for each parameter, as text. */
  values?: string[];
  /** All top-level indexes that the plan reads; none where no index is worth it, and `note` says why. */
  indexes: string[];
  /** Tables that are read from one end to the other, which `note` explains. */
  readsWhole?: string[];
  /** What the plan does not say. */
  note?: string;
}
