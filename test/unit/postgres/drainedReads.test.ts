import { expect, it, vi } from "vitest";
import { exec } from "../../../lib/docker/exec.ts";
import { drainReads } from "../../../components/postgres/switchover/drainedReads.ts";

const done: string[] = [];
vi.mock("../../../lib/docker/containers.ts", () => ({
  running: (containers: unknown[]) => Promise.resolve(containers),
}));
vi.mock("../../../lib/docker/exec.ts", () => ({
  // It has begun, and nothing more is known of it.
  execDetached: () => Promise.resolve(),
  exec: vi.fn((_router: unknown, command: string[]) => Promise.resolve(void done.push(command.join(" ")))),
}));
vi.mock("../../../components/pgbouncer/reconnect.ts", () => ({
  reconnect: (_poolers: unknown, _passwords: unknown, databases: string[]) =>
    Promise.resolve(void done.push(`RECONNECT ${databases.join(" ")}`)),
}));

it("lets reads and look-ups of logins reconnect only when every HAProxy drains the member", async () => {
  const routers = {
    "haproxy-1": { docker: "", container: "a" },
    "haproxy-2": { docker: "", container: "b" },
  };
  await drainReads("postgres-2", { routers, poolers: {}, poolerPasswords: [] }, 60);
  const drain = "haproxy-ask set server reader/postgres-2 state drain";
  expect(done).toEqual([drain, drain, "RECONNECT acgs_db_ro pgbouncer_auth"]);
  expect(vi.mocked(exec).mock.calls.map(([router]) => router.container)).toEqual(["a", "b"]);
});
