import { nothingMissing, waitFor } from "../../lib/wait.ts";
import { parameter } from "./catalogue.ts";
import type { PendingRestart } from "./parametersInForce.ts";
import type { MemberStatus, Patroni } from "./patroniClient.ts";
import { readNumber } from "./parameterUnits.ts";

const POLL_MS = 500;
/** A replica may still be copying the primary. */
const COMPLETE_WITHIN_MS = 300_000;

/**
 * Waits until one member is the primary and all others stream from it.
 *
 * @returns the primary's name
 * @throws after five minutes, naming what each missing member says
 */
export async function waitUntilComplete(patroni: Patroni, members: readonly string[]): Promise<string> {
  const look = async () => {
    const states = await Promise.all(
      members.map(async (member) => [member, await stateOf(patroni, member)] as const),
    );
    const primaries = states.filter(([, state]) => state === "primary").map(([member]) => member);
    const others = states.filter(([, state]) => state !== "primary" && state !== "streaming");
    const isComplete = primaries.length === 1 && others.length === 0;
    const report = states.map(([member, state]) => `${member}: ${state}`).join("; ");
    return nothingMissing(isComplete ? undefined : report) && primaries[0];
  };
  return waitFor(look, {
    within: COMPLETE_WITHIN_MS,
    every: POLL_MS,
    what: "one primary and replicas that all stream from it",
    remedy: "See `docker logs` of the members, and run the update again.",
  });
}

/**
 * Restarts the members that wait for it. Only for a cluster that nobody uses yet: every session ends.
 *
 * A replica must not have less of some parameters than its primary. So replicas are first, unless values are
 * only lowered; a replica whose value may not be lowered before its primary's gets a second restart after it.
 */
export async function restartMembers(
  patroni: Patroni,
  members: readonly string[],
  pending: () => Promise<PendingRestart[]>,
): Promise<void> {
  await untilNonePends(3, pending, async (waiting) => {
    const primary = await waitUntilComplete(patroni, members);
    for (const member of restartOrder(primary, waiting)) {
      await patroni.restart(member);
      await waitUntilComplete(patroni, members);
    }
  });
}

/**
 * Restarts, looks again, and so on: a value that is raised and another that is lowered take two rounds.
 *
 * @throws Error that names what still waits after the last round
 */
export async function untilNonePends(
  rounds: number,
  pending: () => Promise<PendingRestart[]>,
  restart: (waiting: PendingRestart[]) => Promise<void>,
): Promise<void> {
  let waiting = await pending();
  for (let round = 0; round < rounds && waiting.length > 0; round++) {
    await restart(waiting);
    waiting = await pending();
  }
  if (waiting.length === 0) return;
  const left = waiting.map(
    ({ member, parameter: name, current, wanted }) => `${member}: ${name} is ${current}, not ${wanted}`,
  );
  throw new Error(
    `After ${rounds} rounds of restarts parameters still wait for one (${left.join("; ")}). ` +
      "See `docker logs` of the members.",
  );
}

/** The members that wait for a restart, in the order in which they may have it. */
export function restartOrder(primary: string, waiting: readonly PendingRestart[]): string[] {
  const replicas = [...new Set(waiting.map(({ member }) => member))]
    .filter((member) => member !== primary)
    .sort();
  const first = waiting.some(({ member }) => member === primary) ? [primary] : [];
  return onlyLowered(waiting) ? [...first, ...replicas] : [...replicas, ...first];
}

/** Whether the values that a replica needs as much of as its primary are lowered, and none of them raised. */
export function onlyLowered(waiting: readonly PendingRestart[]): boolean {
  const changes = waiting
    .filter(({ parameter: name }) => parameter(name)?.cost === "restart, the primary first when lowered")
    .map(({ parameter: name, current, wanted }) => difference(name, current, wanted));
  return changes.some((change) => change < 0) && !changes.some((change) => change > 0);
}

function difference(name: string, current: string, wanted: string): number {
  const entry = parameter(name);
  if (entry === undefined) return 0;
  return (readNumber(wanted, entry) ?? 0) - (readNumber(current, entry) ?? 0);
}

/** `primary`, `streaming`, or what a member is instead, in words. */
export async function stateOf(patroni: Patroni, member: string): Promise<string> {
  let status: MemberStatus;
  try {
    status = await patroni.status(member);
  } catch (error) {
    return (error as Error).message;
  }
  if (status.state !== "running" || status.cluster_unlocked) return `${status.role}, ${status.state}`;
  return status.role === "primary"
    ? "primary"
    : (status.replication_state ?? `${status.role}, not streaming`);
}
