import type { Figures } from "./comparison.ts";
import { docker } from "./workspace.ts";

/**
 * Adds to what a load measures the processor time that these containers spent on one of its transactions, in µs
 * (`cpu`). Unlike a time on the clock it hardly changes when something else runs on the machine.
 */
export async function withCpu(
  containers: readonly string[],
  measure: () => Promise<Figures>,
): Promise<Figures> {
  const before = await cpuMicroseconds(containers);
  const figures = await measure();
  const spent = (await cpuMicroseconds(containers)) - before;
  return { ...figures, cpu: spent / figures["transactions"]! };
}

async function cpuMicroseconds(containers: readonly string[]): Promise<number> {
  const command = "cat /sys/fs/cgroup/cpu.stat /sys/fs/cgroup/cpuacct/cpuacct.usage 2>/dev/null || true";
  const texts = await Promise.all(containers.map((name) => docker(["exec", name, "sh", "-c", command])));
  return texts.map(parseUsage).reduce((sum, usage) => sum + usage, 0);
}

/** Processor time in µs: `usage_usec` of a cgroup of version 2, or the single number, in ns, of version 1. @throws Error */
export function parseUsage(text: string): number {
  const [, microseconds] = /^usage_usec (\d+)$/m.exec(text) ?? [];
  if (microseconds !== undefined) return Number(microseconds);
  const [, nanoseconds] = /^(\d+)$/m.exec(text) ?? [];
  if (nanoseconds !== undefined) return Number(nanoseconds) / 1000;
  throw new Error("The engine does not say how much processor time a container has had.");
}
