import { setTimeout as pause } from "node:timers/promises";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import { exec } from "../../lib/docker/exec.ts";

export type Backend = "writer" | "reader";

/** A member as one HAProxy sees it. */
export interface ServerState {
  member: string;
  /** Gets new sessions: for the writer's backend, it is the primary. */
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
      up: column(line, "status").startsWith("UP"),
      sessions: Number(column(line, "scur")),
    }));
}

const POLL = 50;

/**
 * Waits until every router sends writers to a member and to no other, and no readers to it as to a replica: those would
 * lose their sessions when HAProxy notices that it is none any more.
 *
 * @param within  ms
 * @returns whether it came to that in time
 */
export async function waitUntilRouted(
  member: string,
  routers: readonly ContainerAddress[],
  within: number,
): Promise<boolean> {
  const deadline = Date.now() + within;
  for (;;) {
    const arrived = await Promise.all(
      routers.map(async (router) => {
        // An HAProxy that was replaced meanwhile answers again in a moment.
        const csv = await statistics(router).catch(() => "");
        return up(csv, "writer").join() === member && !up(csv, "reader").includes(member);
      }),
    );
    if (arrived.every(Boolean)) return true;
    if (Date.now() > deadline) return false;
    await pause(POLL);
  }
}

function up(csv: string, backend: Backend): string[] {
  return parseStatistics(csv, backend)
    .filter((state) => state.up)
    .map(({ member }) => member);
}
