import { readFile } from "node:fs/promises";
import type { Figures } from "./comparison.ts";
import { docker } from "./workspace.ts";

/** Linux counts processor time in hundredths of a second. */
const TICK_MICROSECONDS = 10_000;

/**
 * Adds to what a load measures the processor time of one of its transactions, in µs: what these containers spent
 * (`cpu`, and each as `cpu of <container>`), and the whole machine with the load's own part and the kernel's (`machine`), and how busy its cores were, in %
 * (`busy`): near 100, the processors are what bounds it. Unlike a time on the clock, `cpu` hardly changes when
 * something else runs on the machine.
 */
export async function withCpu(
  containers: readonly string[],
  measure: () => Promise<Figures>,
): Promise<Figures> {
  const [before, machineBefore] = [await cpuMicroseconds(containers), await machineTime()];
  const figures = await measure();
  const machine = await machineTime();
  const spent = (await cpuMicroseconds(containers)).map((usage, i) => usage - before[i]!);
  const busy = machine.busy - machineBefore.busy;
  const transactions = figures["transactions"]!;
  return {
    ...figures,
    cpu: spent.reduce((sum, one) => sum + one, 0) / transactions,
    ...Object.fromEntries(containers.map((name, i) => [`cpu of ${name}`, spent[i]! / transactions])),
    machine: busy / transactions,
    busy: (100 * busy) / (machine.all - machineBefore.all),
  };
}

/** Processor time of all cores since the machine started, in µs: what something ran in, and all of it. */
async function machineTime(): Promise<{ busy: number; all: number }> {
  return parseMachineTime(await readFile("/proc/stat", "utf8"));
}

/**
 * Out of the first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq. What a host takes away from its
 * guest (steal) is in neither.
 */
export function parseMachineTime(text: string): { busy: number; all: number } {
  const times = text.split("\n")[0]!.trim().split(/\s+/).slice(1, 8).map(Number);
  const [user, nice, system, idle, iowait, irq, softirq] = times;
  const busy = user! + nice! + system! + irq! + softirq!;
  return { busy: busy * TICK_MICROSECONDS, all: (busy + idle! + iowait!) * TICK_MICROSECONDS };
}

async function cpuMicroseconds(containers: readonly string[]): Promise<number[]> {
  const command = "cat /sys/fs/cgroup/cpu.stat /sys/fs/cgroup/cpuacct/cpuacct.usage 2>/dev/null || true";
  const texts = await Promise.all(containers.map((name) => docker(["exec", name, "sh", "-c", command])));
  return texts.map(parseUsage);
}

/** Processor time in µs: `usage_usec` of a cgroup of version 2, or the single number, in ns, of version 1. @throws Error */
export function parseUsage(text: string): number {
  const [, microseconds] = /^usage_usec (\d+)$/m.exec(text) ?? [];
  if (microseconds !== undefined) return Number(microseconds);
  const [, nanoseconds] = /^(\d+)$/m.exec(text) ?? [];
  if (nanoseconds !== undefined) return Number(nanoseconds) / 1000;
  throw new Error("The engine does not say how much processor time a container has had.");
}
