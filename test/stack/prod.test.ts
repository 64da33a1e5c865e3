import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditStack } from "../../operations/audit/audit.ts";
import type { StackOutputs } from "../../components/stack/outputs.ts";
import type { FaultName } from "../../operations/drill/names.ts";
import type { FaultReport, Round } from "../../operations/drill/report.ts";
import { drill } from "../../operations/drill/run.ts";
import { DrillStack } from "../../operations/drill/stack.ts";
import { shippedConfiguration } from "../../testing/stackConfiguration.ts";
import { docker } from "../support/engine.ts";
import { TestStack } from "../support/testStack.ts";
import { direct, query, redisClient, valueOf } from "../../testing/clients.ts";
import { eventually } from "../../testing/eventually.ts";

// The shape of the prod stack, with memory for a small machine. Everything else is what Pulumi.prod.yaml says.

const LESS_MEMORY = { postgres: { memoryMb: 1024, cpus: 2 }, redis: { maxMemoryMb: 32 } };
const DELETABLE = { dataVolumes: { protect: false, retain: false } };

let stack: TestStack;
let outputs: StackOutputs;

const url = () => outputs.services.acgs_user.url;

/** The primary, by what the members say of themselves. */
async function primary(): Promise<{ name: string; host: string; port: number }> {
  return eventually("one member is the primary", async () => {
    for (const member of outputs.postgres.members) {
      const inRecovery = await valueOf(direct(url(), member), "SELECT pg_is_in_recovery()").catch(() => true);
      if (inRecovery === false) return member;
    }
    return undefined;
  });
}

beforeAll(async () => {
  const prod = shippedConfiguration("prod");
  stack = await TestStack.create({
    ...prod,
    postgres: { ...prod["postgres"], ...LESS_MEMORY.postgres },
    redis: { ...prod["redis"], ...LESS_MEMORY.redis },
  });
  await stack.up();
  outputs = await stack.outputs();
});

afterAll(async () => {
  await stack?.end();
});

describe("the prod stack", () => {
  it("has three of what decides and two of what routes", async () => {
    const names = (await docker(["ps", "--format", "{{.Names}}"])).split("\n");
    const own = names.filter((name) => name.startsWith(`${stack.prefix}-`));
    const count = (kind: string) => own.filter((name) => name.startsWith(`${stack.prefix}-${kind}-`)).length;
    expect(["etcd", "postgres", "haproxy", "pgbouncer", "redis"].map(count)).toEqual([3, 3, 2, 2, 6]);
  });

  it("commits synchronously with a quorum of the replicas", async () => {
    const monitor = direct(outputs.monitor.url, await primary());
    await eventually("both replicas are in the quorum", async () => {
      const rows = await query<{ sync_state: string }>(monitor, "SELECT sync_state FROM pg_stat_replication");
      return rows.length === 2 && rows.every(({ sync_state }) => sync_state === "quorum");
    });
    expect(await valueOf(monitor, "SHOW synchronous_standby_names")).toMatch(/^ANY 1 \(/);
  });

  it("serves clients through either PgBouncer", async () => {
    expect(outputs.poolers).toHaveLength(2);
    for (const { host, port } of outputs.poolers) {
      const through = new URL(url());
      through.host = `${host}:${port}`;
      expect(await valueOf(through.href, "SELECT current_user::text")).toBe("acgs_user");
    }
  });

  it("changes nothing in a second up", async () => {
    expect(await stack.preview()).toEqual([]);
  });

  it("fails no control of the security audit", async () => {
    const findings = await auditStack({ outputs, deployment: await stack.state() });
    expect(findings.filter(({ result }) => result === "pass").length).toBeGreaterThan(60);
    const failed = findings.filter(({ result }) => result === "fail");
    expect(failed.map(({ benchmark, id }) => `${benchmark} ${id}`)).toEqual([]);
  });

  describe("drills", () => {
    // The machine of a test does other work: it may take longer. What is counted is counted exactly.
    const PATIENCE = 8;
    const find = async () => {
      return DrillStack.find({ name: "prod", outputs, deployment: await stack.state() });
    };

    it.each<[FaultName, "moves" | "stays"]>([
      ["none", "stays"],
      ["switchover", "moves"],
      ["postmaster-killed", "moves"],
      ["leader-killed", "moves"],
      ["leader-isolated", "moves"],
      ["redis-master-killed", "stays"],
    ])("keeps its promises in the drill %s, and the primary %s", async (fault, primary) => {
      const report = await drill(await find(), { faults: [fault], patience: PATIENCE, say: console.log });
      expect(report.ended).toBeUndefined();
      const [{ misses, rounds, expectation }] = report.faults as [FaultReport];
      expect(misses).toEqual([]);
      expect(expectation).toMatchObject({ lostRows: 0, splitBrain: 0 });
      const [round] = rounds as [Round];
      expect(round.acknowledged).toBeGreaterThan(100);
      expect(round.primary.after === round.primary.before ? "stays" : "moves").toBe(primary);
      // A session inside the cut-off member had written, and went on trying.
      if (fault === "leader-isolated") expect(round.openSession?.before).toBeGreaterThan(20);
    });

    it("undo their fault when they are interrupted", async () => {
      const interrupted = new AbortController();
      const found = await find();
      const leader = await found.leader();
      const report = await drill(found, {
        faults: ["leader-paused", "none"],
        signal: interrupted.signal,
        say: (line) => line.includes("frozen") && interrupted.abort(),
      });
      expect(report).toMatchObject({
        ended: "it was interrupted",
        faults: [{ fault: "leader-paused", rounds: [] }],
      });
      expect(await docker(["inspect", "--format", "{{.State.Status}}", leader.container])).toBe("running\n");
      const schemas = "SELECT count(*)::int FROM pg_namespace WHERE nspname = 'drill'";
      await eventually("the drill's rows are gone", async () => (await valueOf(url(), schemas)) === 0);
    });

    it("leave nothing that an update would change", async () => {
      expect(await stack.preview()).toEqual([]);
    });
  });

  it("brings Redis back after all its containers came back at other addresses", async () => {
    const redis = redisClient(outputs);
    await Promise.all(Array.from({ length: 50 }, (_, i) => redis.set(`prod:${i}`, i)));
    redis.disconnect();
    const nodes = outputs.redis.nodes.map((_, i) => stack.container(`redis-${i + 1}`));
    await docker(["stop", "--time", "60", ...nodes]);
    for (const node of nodes.toReversed()) await docker(["start", node]);
    await eventually("every key is there", async () => {
      const again = redisClient(outputs);
      again.on("error", () => undefined);
      try {
        const values = await Promise.all(Array.from({ length: 50 }, (_, i) => again.get(`prod:${i}`)));
        return values.every((value, i) => value === String(i));
      } finally {
        again.disconnect();
      }
    });
  });

  it("keeps its data, roles and passwords when it is destroyed by mistake, and up brings all back", async () => {
    const count = "SELECT count(*)::int FROM dgm.performance_metrics WHERE service_name = 'kept'";
    const before = await valueOf(
      outputs.services.dgm_service.url,
      `WITH kept AS (
         INSERT INTO dgm.performance_metrics (service_name, metric_type, metric_name, metric_value)
         SELECT 'kept', 'latency', 'n', n FROM generate_series(1, 100) AS n RETURNING 1)
       SELECT count(*)::int FROM kept`,
    );
    const run = await stack.pulumi(["destroy", "--yes", "--skip-preview", "--non-interactive"]);
    expect(run.status).not.toBe(0);
    expect(run.stdout + run.stderr).toContain("cannot be deleted");
    const data = (line: string) => /^volume .*-(etcd|postgres|redis)-\d+-data$/.test(line);
    expect((await stack.leftOnEngine()).filter(data)).toHaveLength(12);

    await stack.up();
    await eventually("the rows are there, under the passwords from before", async () =>
      Promise.resolve((await valueOf(outputs.services.dgm_service.url, count)) === before),
    );
    expect(await stack.outputs()).toMatchObject({ services: outputs.services, redis: outputs.redis });
  });

  it("can be destroyed whole once it does", async () => {
    await stack.configure(DELETABLE);
    expect((await stack.tryUp()).status).toBe(0);
    expect(await stack.destroy()).toEqual([]);
  });
});
