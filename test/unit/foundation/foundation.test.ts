import { describe, expect, it } from "vitest";
import { inputsOf } from "../../../components/foundation/foundation.ts";
import { refusals } from "../../../components/foundation/foundationProvider.ts";
import { parseConfiguration } from "../../../components/stack/configuration.ts";

const made = (raw: Record<string, unknown>) => inputsOf(parseConfiguration(raw, "dev"));
const refused = (before: Record<string, unknown>, after: Record<string, unknown>) =>
  refusals(made(before), made(after)).map(({ property }) => property);

describe("what cannot be changed in place", () => {
  it("is nothing when the stack is made, or stays as it is", () => {
    expect(refusals({}, made({}))).toEqual([]);
    expect(refused({}, {})).toEqual([]);
  });

  it("is the prefix, the hosts, and the number of etcd members", () => {
    const host = { docker: "unix:///var/run/docker.sock", address: "127.0.0.1" };
    expect(refused({}, { prefix: "acgs-other" })).toEqual(["prefix"]);
    expect(refused({}, { hosts: [{ name: "other", ...host }] })).toEqual(["hosts"]);
    expect(refused({ etcd: { members: 1 } }, { etcd: { members: 3 } })).toEqual(["etcdMembers"]);
    expect(refused({ etcd: { members: 3 } }, { etcd: { members: 1 } })).toEqual(["etcdMembers"]);
  });

  it("is a stack whose members do not speak TLS yet", () => {
    const { transport: _, ...before } = made({});
    const [failure, ...others] = refusals(before, made({}));
    expect(others).toEqual([]);
    expect(failure).toMatchObject({ property: "transport" });
    expect(failure!.reason).toContain("Nothing was touched.");
  });

  it("is memory that falls to less than half", () => {
    const memory = (memoryMb: number) => ({ postgres: { memoryMb } });
    expect(refused(memory(8192), memory(4096))).toEqual([]);
    expect(refused(memory(8192), memory(4095))).toEqual(["memoryMb"]);
    expect(refused(memory(4096), memory(65_536))).toEqual([]);
  });

  it("is a range of ports that overlaps the one before, but not one that grows in place", () => {
    const redis = (first: number) => ({ ports: { redis: first } });
    expect(refused(redis(6379), redis(6380))).toEqual(["ports"]);
    expect(refused(redis(6379), redis(6374))).toEqual(["ports"]);
    expect(refused(redis(6379), redis(6385))).toEqual([]);
    expect(refused({}, { postgres: { members: 3 } })).toEqual([]);
  });

  it("tells the remedy", () => {
    const [failure] = refusals(made({ ports: { redis: 6379 } }), made({ ports: { redis: 6380 } }));
    expect(failure?.reason).toContain("Move it to 6385 or beyond.");
  });
});
