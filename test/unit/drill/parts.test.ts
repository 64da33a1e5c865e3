import { describe, expect, it } from "vitest";
import { SLOTS } from "../../../components/redis/topology.ts";
import { unwell } from "../../../operations/drill/redisRedundancy.ts";
import { aliasIn } from "../../../lib/parts.ts";
import { Undo } from "../../../operations/drill/undo.ts";

describe("the name of a part in the stack", () => {
  it.each([
    ["acgs-dev-postgres-1", "postgres-1"],
    ["acgs-dev-redis-12", "redis-12"],
    ["acgs-dev2-postgres-1", undefined],
    ["acgs-dev-2-postgres-1", undefined],
    ["acgs-dev-grafana-1", undefined],
    ["acgs-dev", undefined],
  ])("%s of acgs-dev is %s", (container, alias) => {
    expect(aliasIn("acgs-dev", container)).toBe(alias);
  });
});

describe("Undo", () => {
  it("does all it can, once, and says what it could not", async () => {
    const undo = new Undo();
    const done: string[] = [];
    expect(undo.isEmpty).toBe(true);
    undo.add("docker unpause a", () => Promise.reject(new Error("no such container")));
    undo.add("docker start b", async () => done.push("b"));
    expect(undo.isEmpty).toBe(false);
    expect(await undo.all()).toEqual(["docker unpause a: no such container"]);
    expect(await undo.all()).toEqual([]);
    expect(done).toEqual(["b"]);
  });
});

describe("unwell", () => {
  const node = (id: string, flags: string, master: string, link: string, slots = "") =>
    `${id} 10.0.0.1:1@1 ${flags} ${master} 0 0 1 ${link} ${slots}`;
  const whole = [
    node("a", "myself,master", "-", "connected", `0-${SLOTS - 1}`),
    node("b", "slave", "a", "connected"),
  ].join("\n");
  const OK = "cluster_state:ok\r\n";

  it("finds nothing wrong with a master and its replica", () => {
    expect(unwell(whole, OK, "role:master\r\n", 2)).toEqual([]);
    expect(unwell(whole, OK, "role:slave\r\nmaster_link_status:up\r\n", 2)).toEqual([]);
  });

  it.each<[string, string, string, string, number]>([
    ["the cluster is not in order", whole, "cluster_state:fail\r\n", "role:master\r\n", 2],
    ["does not follow its master", whole, OK, "role:slave\r\nmaster_link_status:down\r\n", 2],
    ["sees 2 of 3 nodes", whole, OK, "role:master\r\n", 3],
    [
      "1 masters without a replica",
      [whole.split("\n")[0], node("b", "slave,fail", "a", "connected")].join("\n"),
      OK,
      "role:master\r\n",
      2,
    ],
  ])("%s", (fault, nodes, info, replication, count) => {
    expect(unwell(nodes, info, replication, count)).toContain(fault);
  });
});
