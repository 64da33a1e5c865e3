import { spawn } from "node:child_process";
import { describe, expect, it, vi } from "vitest";
import {
  endProcesses,
  listProcesses,
  processesOf,
  type Process,
} from "../../../operations/recovery/strayProcesses.ts";

const BACKEND = "file:///project/.pulumi-state";
const of = (pid: number, parent: number, command: string, stack = "dev", backend = BACKEND): Process => ({
  pid,
  parent,
  command: command.split(" "),
  stack,
  backend,
});
const pids = (processes: Process[]) => processes.map(({ pid }) => pid);

const ALIVE = [
  of(10, 1, "/cache/bin/pulumi up --stack dev --yes"),
  of(11, 10, "/cache/home/plugins/resource-docker-v5.2.0/pulumi-resource-docker 127.0.0.1:1"),
  of(12, 10, "sh /cache/bin/pulumi-language-nodejs 127.0.0.1:1"),
  of(13, 12, "node /project/node_modules/@pulumi/pulumi/cmd/run --monitor=x"),
];

describe("the processes of a stack", () => {
  it("are an update, and helpers that belong to it", () => {
    const { updating, orphans } = processesOf(ALIVE, "dev", BACKEND);
    expect(pids(updating)).toEqual([10]);
    expect(orphans).toEqual([]);
  });

  it("are orphans once their Pulumi is gone, with their own children", () => {
    const { updating, orphans } = processesOf(
      ALIVE.slice(1).map((one) => (one.parent === 10 ? { ...one, parent: 1 } : one)),
      "dev",
      BACKEND,
    );
    expect(updating).toEqual([]);
    expect(pids(orphans)).toEqual([11, 12, 13]);
  });

  it("are none of another stack, of another checkout, or of a preview", () => {
    const others = [
      of(20, 1, "pulumi up", "prod"),
      of(21, 1, "pulumi-resource-docker-x pulumi-resource-docker", "dev", "file:///other/.pulumi-state"),
      of(22, 1, "pulumi preview --stack dev"),
      of(23, 22, "/plugins/pulumi-resource-docker"),
      of(24, 1, "pulumi refresh --preview-only --json"),
      of(25, 24, "/plugins/pulumi-resource-docker"),
      of(26, 1, "vim pulumi.ts"),
    ];
    expect(processesOf(others, "dev", BACKEND)).toEqual({ updating: [], orphans: [] });
  });
});

it("this process is among those of the machine", () => {
  const own = listProcesses().find(({ pid }) => pid === process.pid);
  if (process.platform !== "linux") return;
  expect(own).toMatchObject({ parent: process.ppid });
  expect(own!.command[0]).toContain("node");
});

describe("ending them", () => {
  it("fails where one goes on all the same", async () => {
    const child = spawn("sleep", ["30"]);
    const pid = child.pid!;
    const kill = process.kill.bind(process);
    // As the system refuses it for another user's process.
    const refused = vi.spyOn(process, "kill").mockImplementation((id, signal) => {
      if (signal === 0) return kill(id, 0);
      throw Object.assign(new Error("kill EPERM"), { code: "EPERM" });
    });
    try {
      const processes = [of(pid, 1, "sleep 30")];
      await expect(endProcesses(processes, 50)).rejects.toThrow(
        `(${pid}) to end. Last seen: nothing. End them`,
      );
    } finally {
      refused.mockRestore();
      child.kill();
    }
  });
});
