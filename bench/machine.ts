import { cpus, loadavg, platform, release, totalmem } from "node:os";
import { docker } from "./workspace.ts";
import { run } from "./process.ts";

/** What the figures were measured on. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryMb: number;
  kernel: string;
  node: string;
  pulumi: string;
  docker: string;
  /** Processes that wanted to run in the last minute before the benchmark: near 0 on a quiet machine. */
  loadBefore: number;
}

export async function describeMachine(): Promise<Machine> {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / 2 ** 20),
    kernel: `${platform()} ${release()}`,
    node: process.versions.node,
    pulumi: (await run("pulumi", ["version"])).stdout.trim(),
    docker: await docker(["version", "--format", "{{.Server.Version}}"]),
    loadBefore: loadavg()[0] ?? 0,
  };
}

export interface Commit {
  commit: string;
  /** Whether files of the program differ from that commit. */
  modified: boolean;
}

/** The commit of what is measured. */
export async function describeCommit(paths: readonly string[]): Promise<Commit> {
  const commit = (await run("git", ["rev-parse", "--short", "HEAD"])).stdout.trim();
  const changes = (await run("git", ["status", "--porcelain", "--", ...paths])).stdout.trim();
  return { commit, modified: changes !== "" };
}
