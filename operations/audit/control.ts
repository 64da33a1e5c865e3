import type { Facts } from "./facts.ts";

export type Verdict = "pass" | "fail" | "not applicable";

export const POSTGRESQL = "CIS PostgreSQL 15";
export const DOCKER = "CIS Docker";
export type Benchmark = typeof POSTGRESQL | typeof DOCKER;

export interface Outcome {
  result: Verdict;
  /** Why that is so. */
  reason: string;
  /** What was seen, and where; never a secret. */
  evidence: string;
}

/**
 * One recommendation of a benchmark, under its number there. Titles are in words of our own.
 * What a recommendation is after may be reached by other means: then it is "not applicable" for a reason that the check has
 * found true, and fails where it has not.
 */
export interface Control {
  id: string;
  title: string;
  benchmark: Benchmark;
  check: (facts: Facts) => Outcome;
}

export interface Finding extends Outcome {
  id: string;
  title: string;
  benchmark: Benchmark;
}

/** What was seen of one thing. `excused`: otherwise than recommended, for the reason given. */
export type Look = readonly [is: "fine" | "wrong" | "excused", seen: string];

/** Why a control comes out as it does; `excused` only of those which can be. */
export interface Reasons {
  fine: string;
  wrong: string;
  excused?: string;
}

export const fineIf = (fine: boolean, seen: string): Look => [fine ? "fine" : "wrong", seen];

/** Looks at each of several: one that is wrong makes the whole fail. */
export function judge<T extends { name: string }>(
  things: readonly T[],
  look: (thing: T) => Look,
  reasons: Reasons,
): Outcome {
  if (things.length === 0)
    return { result: "fail", reason: "there was nothing to look at", evidence: "nothing found" };
  const looks = things.map((thing) => ({ name: thing.name, is: look(thing) }));
  const wrong = looks.filter(({ is }) => is[0] === "wrong");
  // Evidence of a failure is what is wrong, and not also the rest.
  if (wrong.length > 0) return { result: "fail", reason: reasons.wrong, evidence: grouped(wrong) };
  const excused = looks.some(({ is }) => is[0] === "excused");
  return {
    result: excused ? "not applicable" : "pass",
    reason: excused ? (reasons.excused ?? reasons.fine) : reasons.fine,
    evidence: grouped(looks),
  };
}

/** `on (postgres-1, postgres-2); off (postgres-3)` */
function grouped(looks: readonly { name: string; is: Look }[]): string {
  const names = new Map<string, string[]>();
  for (const { name, is } of looks) names.set(is[1], [...(names.get(is[1]) ?? []), name]);
  return [...names]
    .map(
      ([seen, of]) =>
        `${seen} (${of.length > 3 ? `${of.length}: ${of[0]!} … ${of.at(-1)!}` : of.join(", ")})`,
    )
    .join("; ");
}

/** A control that looks at every member of the cluster. */
export function ofMembers(
  id: string,
  title: string,
  look: (member: Facts["members"][number]) => Look,
  reasons: Reasons,
): Control {
  return { id, title, benchmark: POSTGRESQL, check: ({ members }) => judge(members, look, reasons) };
}

/** A control that looks at every container. */
export function ofContainers(
  id: string,
  title: string,
  look: (container: Facts["containers"][number]) => Look,
  reasons: Reasons,
): Control {
  return { id, title, benchmark: DOCKER, check: ({ containers }) => judge(containers, look, reasons) };
}

/** A control that looks at what every container may do on its host, and take of it. */
export function ofHostConfigs(
  id: string,
  title: string,
  look: (config: Facts["containers"][number]["inspected"]["HostConfig"]) => Look,
  reasons: Reasons,
): Control {
  return ofContainers(id, title, ({ inspected }) => look(inspected.HostConfig), reasons);
}

/** A control that looks at every engine. */
export function ofEngines(
  id: string,
  title: string,
  look: (engine: Facts["engines"][number]) => Look,
  reasons: Reasons,
): Control {
  return { id, title, benchmark: DOCKER, check: ({ engines }) => judge(engines, look, reasons) };
}

/** A list as evidence. */
export const listed = (items: readonly string[], none = "none"): string =>
  items.length === 0 ? none : items.join(", ");

/** Fine where a list of what should not be there is empty. */
export const noneOf = (items: readonly string[], none?: string): Look =>
  fineIf(items.length === 0, listed(items, none));
