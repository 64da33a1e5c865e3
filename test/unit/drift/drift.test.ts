import { describe, expect, it } from "vitest";
import { driftOfContainers } from "../../../operations/drift/containers.ts";
import { render, type Drift } from "../../../operations/drift/driftReport.ts";
import { driftOfCluster } from "../../../operations/drift/patroni.ts";
import { driftOfPoolers } from "../../../operations/drift/pgbouncer.ts";
import { driftOfResources } from "../../../operations/drift/resources.ts";
import { driftOfParameters } from "../../../operations/drift/serverSettings.ts";
import { keysOf, shown, valueAt } from "../../../operations/drift/values.ts";
import { drift, exitStatus } from "../../../cli/drift.ts";
import type { DockerResource } from "../../../operations/recovery/containers.ts";

const found: Drift = {
  what: "role a",
  is: "gone",
  should: "there",
  remedy: "up makes it again",
  repaired: true,
};
const inWords = (drift: Drift[]) => drift.map(({ what, is, remedy }) => `${what}: ${is} → ${remedy}`);

describe("a report", () => {
  it("ends with 0 for nothing, 2 for drift, 1 where something could not be seen", () => {
    const status = (drift: Drift[], notSeen: string[]) => exitStatus({ stack: "dev", drift, notSeen });
    expect([status([], []), status([found], []), status([found], ["x"]), status([], ["x"])]).toEqual([
      0, 2, 2, 1,
    ]);
  });

  it("says what up does about each, and how much it leaves", () => {
    const left = { ...found, what: "member b", repaired: false, remedy: "stop it" };
    expect(render({ stack: "dev", drift: [found, left], notSeen: ["Redis: silent"] })).toBe(
      [
        "role a: is gone, should be there",
        "  → up makes it again",
        "member b: is gone, should be there",
        "  → stop it",
        "could not look: Redis: silent",
        "Stack dev: 2 differences. npm run up -- dev mends 1; it leaves 1 to you.",
        "",
      ].join("\n"),
    );
    expect(render({ stack: "dev", drift: [], notSeen: [] })).toBe("Stack dev: no drift.\n");
    expect(render({ stack: "dev", drift: [found], notSeen: [] })).toContain(
      "1 difference. npm run up -- dev mends all.",
    );
  });
});

describe("Pulumi's paths", () => {
  it("are taken apart", () => {
    expect(keysOf('pools["acgs.db"].size')).toEqual(["pools", "acgs.db", "size"]);
    expect(keysOf("uploads[0].content")).toEqual(["uploads", "0", "content"]);
    expect(keysOf('files["a\\"b"]')).toEqual(["files", 'a"b']);
    expect(valueAt({ a: [{ b: 1 }] }, "a[0].b")).toBe(1);
    expect(valueAt({ a: null }, "a.b")).toBeUndefined();
  });

  it("lead to values in one short line", () => {
    expect([shown(undefined), shown("x"), shown(["a"]), shown("y".repeat(200)).length]).toEqual([
      ...["not there", "x", '["a"]', 80],
    ]);
  });
});

describe("what a refresh would change", () => {
  const urn = (type: string, name: string) =>
    `urn:pulumi:dev::acgs-db::acgs:roles:DatabaseAccess$${type}::${name}`;
  it("is told in the words of the thing", () => {
    const sha256 = "0123456789ab".padEnd(64, "0");
    const { drift, notSeen } = driftOfResources({
      steps: [
        { op: "refresh", urn: urn("postgresql:index/role:Role", "role-b") },
        {
          op: "delete",
          urn: urn("postgresql:index/role:Role", "role-a"),
          oldState: { inputs: { name: "acgs_readonly" } },
        },
        {
          op: "update",
          urn: urn("pulumi-nodejs:dynamic/acgs:PostgresParameters", "parameters"),
          oldState: { inputs: { appliedByReload: { work_mem: "4MB" } } },
          newState: { inputs: { appliedByReload: { work_mem: "64MB", jit: "on" } } },
          detailedDiff: { "appliedByReload.work_mem": {}, "appliedByReload.jit": {} },
        },
        {
          op: "update",
          urn: urn("pulumi-nodejs:dynamic/acgs:SqlSchema", "sql-dgm"),
          oldState: { inputs: { directory: "sql/dgm", files: { "R__indexes.sql": { sha256 } } } },
          newState: {
            inputs: {
              files: {
                "R__indexes.sql": { sha256, missingIndexes: ["i", "Odd name"], invalidIndexes: ["k"] },
              },
            },
          },
          detailedDiff: {
            'files["R__indexes.sql"].missingIndexes': {},
            'files["R__indexes.sql"].invalidIndexes': {},
          },
        },
      ],
      diagnostics: [
        { severity: "error", urn: urn("postgresql:index/role:Role", "role-c"), message: "no answer\n" },
        {
          severity: "error",
          urn: urn("postgresql:index/role:Role", "role-d"),
          message: "error: Preview failed: no answer",
        },
        { severity: "error", message: "preview failed" },
        { severity: "info", urn: "x", message: "y" },
      ],
    });
    expect(drift.map(({ what, is, should, remedy }) => [what, is, should, remedy])).toEqual([
      ["role acgs_readonly", "gone", "there", "up makes it again"],
      ["parameter work_mem", "64MB", "4MB", "up sets it back, by a reload"],
      ["parameter jit", "on", "not there", "up sets it back, by a reload"],
      [
        "SQL file sql/dgm/R__indexes.sql",
        "index i is missing, index Odd name is missing, index k is invalid",
        "applied, sha256 0123456789ab",
        "up runs the file again",
      ],
    ]);
    expect(notSeen).toEqual(["role role-c and 1 more: no answer"]);
  });
});

describe("containers", () => {
  const one = (
    kind: DockerResource["kind"],
    name: string,
    there: boolean,
    state?: string,
    status = "",
  ): DockerResource => ({
    resource: { urn: `urn::${name}`, type: "t", id: name },
    kind,
    name,
    endpoint: "unix://",
    there,
    ...(state !== undefined && { seen: { id: name, name, state, status } }),
  });

  it("are drift when they are gone, do not run, or are not well", () => {
    const all = [
      one("container", "p-redis-1", true, "running", "Up 1 minute (healthy)"),
      one("container", "p-redis-2", true, "exited", "Exited (137) 1 minute ago"),
      one("container", "p-redis-3", true, "paused", "Up 1 minute (Paused)"),
      one("container", "p-redis-4", true, "running", "Up 1 minute (unhealthy)"),
      one("container", "p-redis-5", true, "restarting", "Restarting (1)"),
      one("container", "p-redis-6", false),
      one("network", "p", false),
    ];
    expect(driftOfContainers(all).map(({ what, repaired }) => [what, repaired])).toEqual([
      ["container p-redis-2", true],
      ["container p-redis-3", true],
      ["container p-redis-4", false],
      ["container p-redis-5", false],
      ["container p-redis-6", true],
      ["network p", true],
    ]);
  });

  it("are not brought up on empty volumes when every copy of the data is gone", () => {
    const volumes = (second: boolean) => [
      one("volume", "p-postgres-1-data", false),
      one("volume", "p-postgres-2-data", second),
    ];
    expect(driftOfContainers(volumes(true)).map(({ repaired }) => repaired)).toEqual([true]);
    expect(driftOfContainers(volumes(false)).map(({ repaired }) => repaired)).toEqual([false, false]);
  });
});

it("Patroni's members are the stack's and run, one leads, and it is at work", () => {
  const member = (name: string, role = "replica", state = "streaming") => ({ name, role, state });
  const well = { members: [member("postgres-1", "leader", "running"), member("postgres-2")] };
  const both = ["postgres-1", "postgres-2"];
  expect(driftOfCluster(well, both, both)).toEqual([]);
  expect(driftOfCluster({ members: well.members.slice(0, 1) }, both, both.slice(0, 1))).toEqual([]);
  const odd = { pause: true, members: [member("postgres-2", "replica", "start failed"), member("stranger")] };
  expect(driftOfCluster(odd, both, both).map(({ what, is }) => `${what}: ${is}`)).toEqual([
    "Patroni member stranger: in the cluster",
    "Patroni member postgres-1: not in the cluster",
    "Patroni member postgres-2: start failed",
    "PostgreSQL: without a leader",
    "Patroni: paused",
  ]);
});

it("ALTER SYSTEM and held pools are told by member", () => {
  expect(inWords(driftOfParameters([{ member: "postgres-1", name: "work_mem", value: "64MB" }]))).toEqual([
    "parameter work_mem of postgres-1: 64MB, by ALTER SYSTEM → up takes it back (ALTER SYSTEM RESET and a reload)",
  ]);
  const held = [
    { pooler: "pgbouncer-1", pool: "acgs_db", state: "paused" as const },
    { pooler: "pgbouncer-1", pool: "auth_service", state: "disabled" as const },
  ];
  expect(inWords(driftOfPoolers(held))).toEqual([
    "PgBouncer pgbouncer-1: paused for acgs_db, disabled for auth_service → up lets it serve again",
  ]);
});

it("npm run drift takes a stack and --json", () => {
  expect(drift.parse([])).toEqual({ stack: "dev" });
  expect(drift.parse(["prod", "--json"])).toEqual({ stack: "prod", json: "-" });
  expect(drift.parse(["--json=out.json"])).toEqual({ stack: "dev", json: "out.json" });
  expect(drift.parse(["--json", "out.json"])).toEqual({ stack: "dev", json: "out.json" });
  expect(() => drift.parse(["--yes"])).toThrow("drift does not take --yes");
});
