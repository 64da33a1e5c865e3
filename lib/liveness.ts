import { readFileSync } from "node:fs";

/** Ticks of the kernel's clock in a second, in which /proc counts: the same on every Linux. */
const TICKS = 100;
/** The kernel and a file's date are this far apart at most, in ms. */
const SLACK = 5_000;

/**
 * Whether the process of this number is over. One that has ended but that nobody has asked about (a zombie) is; so is one
 * whose number was given to another program meanwhile, where it can be told by the time.
 *
 * @param since  the process was there at this time (ms since 1970)
 */
export function isGone(pid: number, since?: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false; // nobody has written who it is
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  const found = statusOf(pid);
  if (!found) return false;
  return found.ended || (since !== undefined && found.started > since + SLACK);
}

/** What Linux says of a process; elsewhere nothing is known. */
function statusOf(pid: number): { ended: boolean; started: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const boot = Number(/^btime (\d+)/m.exec(readFileSync("/proc/stat", "utf8"))?.[1]);
    // The name, in parentheses, may hold anything; the fields behind it are counted from the third.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return {
      ended: fields[0] === "Z" || fields[0] === "X",
      started: boot * 1_000 + (Number(fields[19]) / TICKS) * 1_000,
    };
  } catch {
    return undefined;
  }
}
