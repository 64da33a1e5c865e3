import { describe, expect, it } from "vitest";
import { leaderOf } from "../../../components/postgres/patroniClient.ts";
import { candidateOf } from "../../../components/postgres/switchover/candidate.ts";

const MB = 1024 * 1024;
const leader = { name: "postgres-1", role: "leader", state: "running" };
const replica = (n: number, lag: number | string, role = "replica", state = "streaming") => ({
  name: `postgres-${n}`,
  role,
  state,
  lag,
});
const all = ["postgres-1", "postgres-2", "postgres-3", "postgres-4"];

describe("candidateOf", () => {
  it("takes the replica with the least lag, and the first among equals", () => {
    expect(candidateOf([leader, replica(2, 5 * MB), replica(3, 0)], all)).toBe("postgres-3");
    expect(candidateOf([leader, replica(3, 0), replica(2, 0)], all)).toBe("postgres-2");
  });

  it("takes only those that confirm commits, where commits are confirmed", () => {
    const members = [leader, replica(2, 0), replica(3, 10, "quorum_standby"), replica(4, 5, "sync_standby")];
    expect(candidateOf(members, all)).toBe("postgres-4");
  });

  it("passes over who is not streaming, far behind, of unknown lag, or not to be chosen", () => {
    const members = [
      leader,
      replica(2, 0, "replica", "starting"),
      replica(3, 17 * MB),
      replica(4, "unknown"),
    ];
    expect(candidateOf(members, all)).toBeUndefined();
    expect(candidateOf([leader, replica(2, 0)], ["postgres-3"])).toBeUndefined();
  });

  it("never takes the primary itself", () => {
    expect(candidateOf([{ ...leader, state: "streaming" }], all)).toBeUndefined();
    expect(leaderOf([replica(2, 0), leader])).toBe("postgres-1");
    expect(leaderOf([replica(2, 0)])).toBeUndefined();
  });
});
