/** One thing that is otherwise than the last update has left it. */
export interface Drift {
  /** What it is: `container acgs-dev-redis-2`, `role acgs_readonly`, `parameter work_mem`. */
  what: string;
  /** How it is found, in words or as a value. */
  is: string;
  /** How the stack has it. */
  should: string;
  /** What `npm run up` does about it, or what a person has to do. */
  remedy: string;
  /** Whether `npm run up` mends it. */
  repaired: boolean;
  /** URN of the resource that differs, where Pulumi sees it. */
  urn?: string;
}

/** What was found, and what could not be looked at. */
export interface DriftReport {
  stack: string;
  drift: Drift[];
  /** Each with the reason. */
  notSeen: string[];
}

/** The report as it is printed, one line for each finding and one for its remedy. */
export function render({ stack, drift, notSeen }: DriftReport): string {
  const lines = drift.flatMap(({ what, is, should, remedy }) => [
    `${what}: is ${is}, should be ${should}`,
    `  → ${remedy}`,
  ]);
  const unseen = notSeen.map((reason) => `could not look: ${reason}`);
  return [...lines, ...unseen, summary({ stack, drift, notSeen }), ""].join("\n");
}

function summary({ stack, drift, notSeen }: DriftReport): string {
  const left = drift.filter(({ repaired }) => !repaired).length;
  if (drift.length > 0) {
    const own = left > 0 ? `; ${left === drift.length ? "it leaves" : `it leaves ${left}`} to you` : "";
    return `Stack ${stack}: ${count(drift.length, "difference")}. npm run up -- ${stack} mends ${left === drift.length ? "none" : left > 0 ? String(drift.length - left) : "all"}${own}.`;
  }
  return notSeen.length > 0
    ? `Stack ${stack}: no difference in what could be looked at.`
    : `Stack ${stack}: no drift.`;
}

function count(n: number, thing: string): string {
  return `${n} ${thing}${n === 1 ? "" : "s"}`;
}
