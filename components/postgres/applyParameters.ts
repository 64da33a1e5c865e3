import { nothingMissing, waitFor } from "../../lib/wait.ts";
import type { ProxyPath } from "./switchover/proxyPath.ts";
import type { ParametersByCost, RestartMode } from "./catalogue.ts";
import { type MemberSettings, readMember } from "./memberSettings.ts";
import {
  type PendingRestart,
  pendingRestarts,
  diffSettings,
  type DesiredSettings,
} from "./parametersInForce.ts";
import { type MemberAddress, Patroni, type PatroniLimits } from "./patroniClient.ts";

/** What a preview compares. The headings say what a change of the values below them costs. */
export interface ParametersInputs extends ParametersByCost {
  restart: RestartMode;
  /** Lines of pg_hba.conf, applied by reload. */
  accessRules: string[];
  /** Patroni's own settings: it applies them without a reload. */
  clusterRules: Record<string, unknown>;
  members: Record<string, MemberAddress>;
  restUser: string;
  /** All that may be valid, the one to use first. */
  restPasswords: string[];
  /** Held and drained while members are restarted or leave. */
  proxies: ProxyPath;
}

/** Members look for changes every `loop_wait` (1 s), and reload in a moment. */
const TAKEN_WITHIN_MS = 30_000;
/** A member that does not even answer is away. */
const ANSWERS_WITHIN_MS = 12_000;
const POLL_MS = 300;

export function patroniOf(
  { members, restUser, restPasswords }: ParametersInputs,
  limits?: Partial<PatroniLimits>,
): Patroni {
  return new Patroni(members, restUser, restPasswords, limits);
}

/** Waits until every member has taken all values, and has those in force that need no restart. */
export async function waitUntilApplied(
  inputs: ParametersInputs,
  wanted: DesiredSettings,
): Promise<Map<string, MemberSettings>> {
  const taken = new Map<string, MemberSettings>();
  const look = async () => {
    const missing: string[] = [];
    let away = true;
    for (const [member, address] of Object.entries(inputs.members)) {
      if (taken.has(member)) continue;
      const settings = await readMember(address).catch((error: Error) => error);
      const lack = settings instanceof Error ? settings.message : diffSettings(member, settings, wanted);
      if (!(settings instanceof Error)) away = false;
      if (lack === undefined) taken.set(member, settings as MemberSettings);
      else missing.push(`${member}: ${lack}`);
    }
    if (missing.length > 0 && away && performance.now() > awayUntil) throw notInForce(missing.join("; "));
    return nothingMissing(missing.join("; ") || undefined) && inOrder(taken, inputs);
  };
  const awayUntil = performance.now() + ANSWERS_WITHIN_MS;
  const what = "the new parameters to be in force on every member";
  // A member that hangs may be the last one to be asked.
  const limits = { within: TAKEN_WITHIN_MS, every: POLL_MS, look: TAKEN_WITHIN_MS };
  return waitFor(look, { ...limits, what, failure: notInForce });
}

function notInForce(missing: string): Error {
  return new Error(
    `The new parameters are in the cluster's configuration, but not in force everywhere (${missing}). ` +
      "A member that is away takes them when it is back. See `docker logs` of the member, and run the update again.",
  );
}

/** In the members' own order, whichever was first to take the values: outputs must not differ by chance. */
function inOrder<T>(found: Map<string, T>, inputs: ParametersInputs): Map<string, T> {
  return new Map(Object.keys(inputs.members).map((member) => [member, found.get(member)!]));
}

/** What waits for a restart, over all members. */
export function pendingOf(
  settings: ReadonlyMap<string, MemberSettings>,
  parameters: Readonly<Record<string, string>>,
): PendingRestart[] {
  return [...settings].flatMap(([member, found]) => pendingRestarts(member, found, parameters));
}

/** The members that answer: a refresh must work also while one is away. */
export async function readMembers(inputs: ParametersInputs): Promise<Map<string, MemberSettings>> {
  const found = await Promise.allSettled(
    Object.entries(inputs.members).map(
      async ([member, address]) => [member, await readMember(address)] as const,
    ),
  );
  return new Map(found.flatMap((result) => (result.status === "fulfilled" ? [result.value] : [])));
}
