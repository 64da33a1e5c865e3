import { expect, it } from "vitest";
import { stalePidFiles } from "../../../setup/docker/stalePids.ts";

const files = (known: Record<string, string>) => (path: string) => {
  const text = known[path];
  if (text === undefined) throw new Error("ENOENT");
  return text;
};
const ENGINE = "/var/run/docker.pid";
const CONTAINERD = "/var/run/docker/containerd/containerd.pid";

it("finds notes whose program is gone or another, and leaves those of a running engine", () => {
  expect(stalePidFiles(files({}))).toEqual([]);
  expect(stalePidFiles(files({ [ENGINE]: "12" }))).toEqual([ENGINE]);
  const running = {
    [ENGINE]: "12\n",
    "/proc/12/comm": "dockerd\n",
    [CONTAINERD]: "13",
    "/proc/13/comm": "containerd\n",
  };
  expect(stalePidFiles(files(running))).toEqual([]);
  expect(stalePidFiles(files({ ...running, "/proc/13/comm": "node\n" }))).toEqual([CONTAINERD]);
});
