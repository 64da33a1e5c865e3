import { describe, expect, it } from "vitest";
import { inputsOf } from "../../../components/stack/stackGuard.ts";
import { refusals } from "../../../components/stack/stackGuard.provider.ts";
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

  it.each([{}, { transport: "tls" }])("is a stack whose members do not know certificates (%j)", (former) => {
    const { transport: _, ...before } = made({});
    const [failure, ...others] = refusals({ ...before, ...former } as Partial<typeof before>, made({}));
    expect(others).toEqual([]);
    expect(failure).toMatchObject({ property: "transport" });
    expect(failure!.reason).toContain("Nothing was touched.");
  });

  it("is a rotation of the passwords of internal accounts that goes back, or up by more than one", () => {
    const rotation = (internalRotation: number) => ({ secrets: { internalRotation } });
    for (const [before, after] of [
      [1, 1],
      [1, 2],
      [7, 8],
    ] as const)
      expect(refused(rotation(before), rotation(after))).toEqual([]);
    for (const [before, after] of [
      [1, 3],
      [3, 2],
    ] as const)
      expect(refused(rotation(before), rotation(after))).toEqual(["internalRotation"]);
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

  it("is protected data that would go, unless the last update has let it go", () => {
    const stack = (members: number, more = {}) => ({ postgres: { members }, ...more });
    const named = { allowDataLoss: ["postgres-3-data"] };
    expect(refused(stack(3), stack(2))).toEqual(["data"]);
    expect(refused(stack(3), stack(2, named))).toEqual(["data"]);
    expect(refused(stack(3), stack(3, named))).toEqual([]);
    expect(refused(stack(3, named), stack(2))).toEqual([]);
    expect(refused(stack(3, named), stack(1))).toEqual(["data"]);
    expect(refused({ redis: { masters: 4 } }, { redis: { masters: 3 } })).toEqual(["data"]);
    const unprotected = { dataVolumes: { protect: false } };
    expect(refused(stack(3, unprotected), stack(2))).toEqual([]);
    expect(refused(stack(3), stack(2, unprotected))).toEqual(["data"]);
  });

  it("is no data of a stack that was made before its data was noted", () => {
    const { data: _, ...before } = made({ postgres: { members: 3 } });
    expect(refusals(before, made({ postgres: { members: 2 } }))).toEqual([]);
  });

  it("tells the remedy", () => {
    const [failure] = refusals(made({ ports: { redis: 6379 } }), made({ ports: { redis: 6380 } }));
    expect(failure?.reason).toContain("Move it to 6385 or beyond.");
    const [loss] = refusals(made({ postgres: { members: 4 } }), made({ postgres: { members: 2 } }));
    expect(loss?.reason).toBe(
      "postgres-3-data, postgres-4-data hold data, and this change would delete them. Take the change back, set " +
        'acgs-db:allowDataLoss to ["postgres-3-data","postgres-4-data"] and run an update; then make the change again.',
    );
  });
});
