import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { isGone } from "../../lib/liveness.ts";
import { ifInTime, waitFor } from "../../lib/wait.ts";

/** A process, as far as it is needed to tell to which run of which stack it belongs. */
export interface Process {
  pid: number;
  parent: number;
  command: string[];
  /** PULUMI_STACK and PULUMI_BACKEND_URL of its environment. */
  stack: string | undefined;
  backend: string | undefined;
}

/** What is at work on one stack. */
export interface StackProcesses {
  /** Pulumi itself, doing something that changes the stack. */
  updating: Process[];
  /** Helpers of a Pulumi that is gone: plugins, the program. Whatever they still do, nobody will note it down. */
  orphans: Process[];
}

/** Commands of Pulumi that change a stack; the others (previews, outputs) may go on beside an update. */
const UPDATES = new Set(["up", "update", "destroy", "refresh", "import"]);
/** An orphan has this time (ms) to end before it is killed. */
const GRACE = 5_000;

/** The processes of one stack of one backend. Pulumi hands its environment on to all that it starts. */
export function processesOf(all: readonly Process[], stack: string, backend: string): StackProcesses {
  const own = all.filter((process) => process.stack === stack && process.backend === backend);
  const engines = new Set(own.filter(isEngine).map(({ pid }) => pid));
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
  const belongsToEngine = (process: Process): boolean => {
    let pid: number | undefined = process.parent;
    for (let depth = 0; pid !== undefined && pid > 1 && depth < 100; depth++) {
      if (engines.has(pid)) return true;
      pid = parents.get(pid);
    }
    return false;
  };
  return {
    updating: own.filter(
      (process) =>
        isEngine(process) && process.command.some((word) => UPDATES.has(word)) && !isPreview(process),
    ),
    orphans: own.filter((process) => isHelper(process) && !belongsToEngine(process)),
  };
}

function isEngine({ command }: Process): boolean {
  return basename(command[0] ?? "") === "pulumi";
}

function isPreview({ command }: Process): boolean {
  return command.includes("--preview-only");
}

function isHelper({ command }: Process): boolean {
  return command.some((word) => /pulumi-(resource|language)-|@pulumi\/pulumi\/|\/language-host\//.test(word));
}

/** All processes of this machine that this user may look at; none where there is no /proc. */
export function listProcesses(): Process[] {
  let entries: string[];
  try {
    entries = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    try {
      const read = (name: string) => readFileSync(`/proc/${entry}/${name}`, "utf8");
      const stat = read("stat");
      const environment = read("environ").split("\0");
      const value = (name: string) =>
        environment.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
      return [
        {
          pid: Number(entry),
          parent: Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]),
          command: read("cmdline").split("\0").filter(Boolean),
          stack: value("PULUMI_STACK"),
          backend: value("PULUMI_BACKEND_URL"),
        },
      ];
    } catch {
      return []; // it has ended, or is another user's
    }
  });
}

/** Ends processes, and waits until they are gone. @throws TimedOut where one goes on all the same, as another user's does */
export async function endProcesses(processes: readonly Process[], grace = GRACE): Promise<void> {
  const signal = (name: NodeJS.Signals) => {
    for (const { pid } of processes) {
      try {
        process.kill(pid, name);
      } catch {
        // It has ended, or is another user's: the wait tells.
      }
    }
  };
  signal("SIGTERM");
  const areGone = () => processes.every(({ pid }) => isGone(pid));
  const pids = processes.map(({ pid }) => pid).join(", ");
  const limits = { within: grace, every: 100, what: `processes of an interrupted run (${pids}) to end` };
  if (await ifInTime(waitFor(areGone, limits))) return;
  signal("SIGKILL");
  await waitFor(areGone, { ...limits, remedy: `End them (kill -9 ${pids}), and run the command again.` });
}
