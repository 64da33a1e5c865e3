import { afterAll, beforeAll, describe, expect, it } from "vitest";
import pg from "pg";
import type { StackOutputs } from "../../components/stack/outputs.ts";
import { shippedConfiguration } from "../support/stackConfiguration.ts";
import { docker, TestStack } from "../support/testStack.ts";
import { direct, eventually, query, redisClient, valueOf } from "./clients.ts";

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

  it("fails over by itself, without losing an acknowledged row, and up has nothing to undo", async () => {
    const dgm = outputs.services.dgm_service.url;
    const old = await primary();
    const acknowledged: number[] = [];
    let stop = false;
    const writer = (async () => {
      for (let i = 0; !stop; i++) {
        const client = new pg.Client({
          connectionString: dgm,
          connectionTimeoutMillis: 5_000,
          query_timeout: 5_000,
        });
        // A connection that breaks while nothing is asked of it tells so by an event.
        client.on("error", () => undefined);
        try {
          await client.connect();
          await client.query(
            "INSERT INTO dgm.performance_metrics (service_name, metric_type, metric_name, metric_value) VALUES ('failover', 'latency', 'n', $1)",
            [i],
          );
          acknowledged.push(i);
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 100));
        } finally {
          await client.end().catch(() => undefined);
        }
      }
    })();
    await eventually("rows are written", () => Promise.resolve(acknowledged.length >= 20));
    await docker(["kill", "--signal", "KILL", stack.container(old.name)]);
    const before = acknowledged.length;
    await eventually("another member takes writes", () =>
      Promise.resolve(acknowledged.length >= before + 20),
    );
    stop = true;
    await writer;

    expect((await primary()).name).not.toBe(old.name);
    const rows = await query<{ n: number }>(
      dgm,
      "SELECT metric_value::int AS n FROM dgm.performance_metrics WHERE service_name = 'failover'",
    );
    const written = new Set(rows.map(({ n }) => n));
    expect(acknowledged.filter((n) => !written.has(n))).toEqual([]);

    await docker(["start", stack.container(old.name)]);
    await eventually("the old primary streams again", async () => {
      const streaming = await query(
        direct(outputs.monitor.url, await primary()),
        "SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'",
      );
      return streaming.length === 2;
    });
    expect(await stack.preview()).toEqual([]);
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
    const count = "SELECT count(*)::int FROM dgm.performance_metrics WHERE service_name = 'failover'";
    const before = await valueOf(outputs.services.dgm_service.url, count);
    const run = await stack.pulumi(["destroy", "--yes", "--skip-preview", "--non-interactive"]);
    expect(run.status).not.toBe(0);
    expect(run.stdout + run.stderr).toContain("cannot be deleted");
    expect((await stack.leftOnEngine()).filter((line) => line.startsWith("volume "))).toHaveLength(12);

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
