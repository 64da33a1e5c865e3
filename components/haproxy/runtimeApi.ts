import type { ContainerAddress } from "../../lib/docker/client.ts";
import { exec } from "../../lib/docker/exec.ts";
import { nothingMissing, waitFor } from "../../lib/wait.ts";

export type Backend = "writer" | "reader";

/** A member as one HAProxy sees it. */
export interface ServerState {
  member: string;
  /** Was checked, and gets new sessions: for the writer's backend, it is the primary. */
  up: boolean;
  /** Sessions to it that are open. */
  sessions: number;
}

/** What an HAProxy says of the servers of a backend. @throws Error where it does not answer */
export async function serverStates(router: ContainerAddress, backend: Backend): Promise<ServerState[]> {
  return parseStatistics(await statistics(router), backend);
}

function statistics(router: ContainerAddress): Promise<string> {
  return exec(router, ["haproxy-ask", "show stat"]);
}

/** Reads the CSV that HAProxy prints for `show stat`. */
export function parseStatistics(csv: string, backend: Backend): ServerState[] {
  const [head = "", ...lines] = csv.split("\n");
  const names = head.replace(/^# /, "").split(",");
  const column = (line: string[], name: string) => line[names.indexOf(name)] ?? "";
  return lines
    .map((line) => line.split(","))
    .filter((line) => column(line, "pxname") === backend)
    .filter((line) => !["FRONTEND", "BACKEND"].includes(column(line, "svname")))
    .map((line) => ({
      member: column(line, "svname"),
      // Until its first check HAProxy takes every server for up; `* ` before it says that one runs.
      up: column(line, "status").startsWith("UP") && !column(line, "check_status").endsWith("INI"),
      sessions: Number(column(line, "scur")),
    }));
}

const POLL = 50;

/**
 * Waits until every router sends writers to a member and to no other, and no readers to it as to a replica: those would
 * lose their sessions when HAProxy notices that it is none any more.
 *
 * @param within  ms
 * @throws TimedOut with what each router does instead
 */
export async function waitUntilRouted(
  member: string,
  routers: readonly ContainerAddress[],
  within: number,
): Promise<void> {
  const look = async () => {
    const faults = await Promise.all(routers.map((router) => misrouted(member, router)));
    return nothingMissing(faults.filter((fault) => fault !== undefined).join("; ") || undefined);
  };
  const what = `HAProxy to send writers to ${member}, and to no other`;
  await waitFor(look, { within, every: POLL, what });
}

/** Where a router sends clients that are to go elsewhere; undefined where it sends all where they belong. */
async function misrouted(member: string, router: ContainerAddress): Promise<string | undefined> {
  // An HAProxy that was replaced meanwhile answers again in a moment.
  const csv = await statistics(router).catch(() => undefined);
  if (csv === undefined) return `${router.container} does not answer`;
  const writers = up(csv, "writer").join(", ");
  if (writers !== member) return `${router.container} sends writers to ${writers || "no member"}`;
  return up(csv, "reader").includes(member) ? `${router.container} sends readers to ${member}` : undefined;
}

function up(csv: string, backend: Backend): string[] {
  return parseStatistics(csv, backend)
    .filter((state) => state.up)
    .map(({ member }) => member);
}
