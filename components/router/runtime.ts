import { setTimeout as pause } from "node:timers/promises";
import { type ContainerAddress, dockerCommand } from "../docker.ts";

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
  const text = await dockerCommand(router.docker, ["exec", router.container, "haproxy-ask", "show stat"]);
  return parseStatistics(text, backend);
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
 * Waits until every router sends writers to a member and to no other.
 *
 * @param within  ms
 * @returns whether it came to that in time
 */
export async function untilWritersReach(
  member: string,
  routers: readonly ContainerAddress[],
  within: number,
): Promise<boolean> {
  const deadline = Date.now() + within;
  for (;;) {
    const arrived = await Promise.all(
      routers.map(async (router) => {
        // An HAProxy that was replaced meanwhile answers again in a moment.
        const states = await serverStates(router, "writer").catch(() => []);
        return (
          states
            .filter(({ up }) => up)
            .map((state) => state.member)
            .join() === member
        );
      }),
    );
    if (arrived.every(Boolean)) return true;
    if (Date.now() > deadline) return false;
    await pause(POLL);
  }
}
