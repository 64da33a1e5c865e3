import type { ClusterView } from "../../components/postgres/patroniClient.ts";
import type { Drift } from "./driftReport.ts";

/**
 * Who is in the cluster and should not be, who is missing, who does not run, and whether Patroni is told to do nothing.
 *
 * @param members  all of the stack
 * @param running  those of them whose containers run; of the others it is known why they are missing
 */
export function driftOfCluster(
  view: ClusterView,
  members: readonly string[],
  running: readonly string[],
): Drift[] {
  const drift: Drift[] = [];
  const known = new Map(view.members.map((member) => [member.name, member]));
  for (const { name } of view.members.filter((member) => !members.includes(member.name))) {
    drift.push({
      what: `Patroni member ${name}`,
      is: "in the cluster",
      should: "not there",
      remedy: "up leaves it: stop it where it runs; it leaves the cluster by itself then",
      repaired: false,
    });
  }
  for (const name of running) {
    const state = known.get(name)?.state;
    if (state !== undefined && ["running", "streaming"].includes(state)) continue;
    drift.push({
      what: `Patroni member ${name}`,
      is: state ?? "not in the cluster",
      should: "running",
      remedy: "Patroni brings it back by itself once its container runs; if it does not, see its docker logs",
      repaired: false,
    });
  }
  if (
    view.members.length > 0 &&
    !view.members.some(({ role }) => /^(leader|standby_leader|primary)$/.test(role))
  ) {
    drift.push({
      what: "PostgreSQL",
      is: "without a leader",
      should: "led by one member",
      remedy:
        "Patroni elects one within ttl (20 s); if it does not, see docker logs of the members and of etcd",
      repaired: false,
    });
  }
  if (view.pause)
    drift.push({ what: "Patroni", is: "paused", should: "at work", remedy: "up resumes it", repaired: true });
  return drift;
}
