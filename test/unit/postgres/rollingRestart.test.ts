import { beforeEach, describe, expect, it, vi } from "vitest";
import type { PendingRestart } from "../../../components/postgres/parametersInForce.ts";
import type { Patroni } from "../../../components/postgres/patroniClient.ts";
import { rollingRestart } from "../../../components/postgres/switchover/rollingRestart.ts";
import { switchOver } from "../../../components/postgres/switchover/switchover.ts";
import { restartMembers } from "../../../components/postgres/bootstrap.ts";
import { waitUntilRouted } from "../../../components/haproxy/runtimeApi.ts";
import { TimedOut } from "../../../lib/wait.ts";

vi.mock(import("../../../components/haproxy/runtimeApi.ts"), async (original) => ({
  ...(await original()),
  waitUntilRouted: vi.fn(),
}));

const proxies = { poolers: {}, routers: {}, poolerPasswords: [] };
const waiting: PendingRestart[] = [
  { member: "postgres-1", parameter: "max_connections", current: "100", wanted: "200" },
];
const restarted: string[] = [];
const checkpoint = async () => undefined;

/** A cluster of these members that is always whole, the first of them its primary. */
function patroniOf(...members: string[]): Patroni {
  const isPrimary = (member: string) => member === members[0];
  return {
    status: async (member: string) => ({
      state: "running",
      ...(isPrimary(member) ? { role: "primary" } : { role: "replica", replication_state: "streaming" }),
    }),
    cluster: async () =>
      members.map((name) => ({
        name,
        ...(isPrimary(name) ? { role: "leader", state: "running" } : { role: "replica", state: "streaming" }),
        lag: 0,
      })),
    restart: async (member: string) => void restarted.push(member),
    switchover: async () => undefined,
  } as unknown as Patroni;
}

beforeEach(() => {
  restarted.length = 0;
  vi.mocked(waitUntilRouted).mockReset().mockResolvedValue();
});

describe("rollingRestart", () => {
  const restart = (pending: () => Promise<PendingRestart[]>) =>
    rollingRestart({
      patroni: patroniOf("postgres-1"),
      proxies,
      members: ["postgres-1"],
      pending,
      checkpoint,
    });

  it("restarts what waits, once", async () => {
    await restart(async () => (restarted.length === 0 ? waiting : []));
    expect(restarted).toEqual(["postgres-1"]);
  });

  it("fails, and names what still waits, when rounds of restarts put it not in force", async () => {
    await expect(restart(async () => waiting)).rejects.toThrow(
      "After 4 rounds of restarts parameters still wait for one (postgres-1: max_connections is 100, not 200)",
    );
    expect(restarted).toHaveLength(4);
  });

  it("fails when HAProxy does not send writers to the primary that was restarted in its place", async () => {
    vi.mocked(waitUntilRouted).mockRejectedValue(new TimedOut("Waited 30 s in vain for HAProxy"));
    await expect(restart(async () => (restarted.length === 0 ? waiting : []))).rejects.toThrow(
      "in vain for HAProxy",
    );
  });
});

describe("restartMembers", () => {
  it("fails, too, when rounds of restarts put the parameters not in force", async () => {
    const restart = restartMembers(patroniOf("postgres-1"), ["postgres-1"], async () => waiting);
    await expect(restart).rejects.toThrow("After 3 rounds of restarts parameters still wait for one");
  });
});

describe("switchOver", () => {
  it("fails when HAProxy does not send writers to the new primary", async () => {
    vi.mocked(waitUntilRouted).mockRejectedValue(new TimedOut("Waited 10 s in vain for HAProxy"));
    const patroni = patroniOf("postgres-1", "postgres-2");
    const switchover = switchOver({ patroni, proxies, among: ["postgres-2"], checkpoint });
    await expect(switchover).rejects.toThrow("in vain for HAProxy");
  });
});
