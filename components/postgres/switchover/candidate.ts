import type { ClusterMember } from "../patroniClient.ts";

/** A replica may be this far behind, in bytes, when a switchover begins: it has all WAL before it takes over. */
const MOST_LAG = 16 * 1024 * 1024;

export function isStreaming({ role, state }: ClusterMember): boolean {
  return role !== "leader" && state === "streaming";
}

/**
 * The replica that is best put in the primary's place: one that confirms commits where commits are confirmed, with the
 * least lag, the first by name among equals.
 *
 * @param among  members that may be chosen; the routers have to know them
 * @returns undefined where there is none
 */
export function candidateOf(members: readonly ClusterMember[], among: readonly string[]): string | undefined {
  const isSynchronous = ({ role }: ClusterMember) => role === "sync_standby" || role === "quorum_standby";
  const choosesSynchronous = members.some(isSynchronous);
  const fit = members.filter(
    (member) =>
      isStreaming(member) &&
      among.includes(member.name) &&
      lagOf(member) <= MOST_LAG &&
      (!choosesSynchronous || isSynchronous(member)),
  );
  fit.sort((one, other) => lagOf(one) - lagOf(other) || (one.name < other.name ? -1 : 1));
  return fit[0]?.name;
}

function lagOf({ lag }: ClusterMember): number {
  return typeof lag === "number" ? lag : Infinity;
}
