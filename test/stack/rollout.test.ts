import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "node:tls";
import { Cluster, Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { membersAccess, manualSwitchover } from "../../operations/switchover/manualSwitchover.ts";
import type { StackOutputs } from "../../components/stack/outputs.ts";
import { shippedConfiguration } from "../../testing/stackConfiguration.ts";
import { docker } from "../support/engine.ts";
import type { Step } from "../support/steps.ts";
import { TestStack } from "../support/testStack.ts";
import { Load } from "../unit/redis/load.ts";
import { direct, query, valueOf } from "../../testing/clients.ts";
import { eventually } from "../../testing/eventually.ts";
import { administers, internalAccessOf, onEachNode, type InternalAccess } from "./internalAccess.ts";
import { Traffic } from "./traffic.ts";

// Changes of a running stack under clients that never stop. The order of the tests is part of it.

let stack: TestStack;
let outputs: StackOutputs;

const of = (steps: Step[], ...operations: string[]) =>
  steps.filter(({ op }) => operations.includes(op)).map(({ name }) => name);

/** Does something under traffic, of which no transaction may fail. */
async function underTraffic<T>(act: () => Promise<T>): Promise<T> {
  const traffic = Traffic.start(outputs);
  let result: T;
  try {
    result = await act();
  } finally {
    const { errors, writes, reads, longestMs } = await traffic.stop();
    console.log(
      `${writes} writes, ${reads} reads, ${errors.length} failed, the longest ${longestMs.toFixed(0)} ms`,
    );
    expect(errors).toEqual([]);
    expect(writes).toBeGreaterThan(0);
    expect(reads).toBeGreaterThan(0);
  }
  return result;
}

async function onEveryMember(statement: string): Promise<unknown[]> {
  outputs = await stack.outputs();
  return Promise.all(
    outputs.postgres.members.map((member) => valueOf(direct(outputs.monitor.url, member), statement)),
  );
}

async function primary(): Promise<string> {
  const { members } = (await (await fetch(`${outputs.postgres.members[0]!.rest}/cluster`)).json()) as {
    members: { name: string; role: string }[];
  };
  return members.find(({ role }) => role === "leader")!.name;
}

async function configurePostgres(change: object): Promise<void> {
  await stack.configure({ postgres: { ...stack.get<object>("postgres"), ...change } });
}

async function internalAccess(): Promise<InternalAccess> {
  return internalAccessOf(await stack.state(), outputs);
}

async function members() {
  return membersAccess(await stack.state())!;
}

beforeAll(async () => {
  stack = await TestStack.create(shippedConfiguration("dev"));
  await configurePostgres({ restart: "rolling", memoryMb: 1536 });
  await stack.up();
  outputs = await stack.outputs();
  await query(
    outputs.services.dgm_service.url,
    "INSERT INTO dgm.dgm_archive (description) SELECT 'stack-test' FROM generate_series(1, 10)",
  );
});

afterAll(async () => {
  await stack?.end();
});

describe("a switchover", () => {
  it("moves the primary, and no transaction fails", async () => {
    const [before, inputs] = [await primary(), await members()];
    const done = await underTraffic(() => manualSwitchover(inputs));
    expect(done.from).toBe(before);
    expect(await primary()).toBe(done.to);
    console.log(`clients waited ${done.waitedMs.toFixed(0)} ms`);
    expect(await stack.preview()).toEqual([]);
  });

  it("is given up where a transaction does not end, and clients go on", async () => {
    const [before, inputs] = [await primary(), await members()];
    const url = outputs.services.pgc_service.url;
    // For longer than all attempts take, however slow the machine is; a single statement may take 30 s.
    const sleeps = query(url, "BEGIN", ...Array<string>(3).fill("SELECT pg_sleep(25)"), "COMMIT").catch(
      (error: Error) => error,
    );
    await expect(underTraffic(() => manualSwitchover(inputs))).rejects.toThrow("nothing was done");
    expect(await primary()).toBe(before);
    expect(await sleeps).toEqual([]);
  });
});

describe("a parameter that needs a restart", () => {
  it("is in force on every member when up ends, and the preview says how", async () => {
    await configurePostgres({ parameters: { max_locks_per_transaction: 256 } });
    expect(await stack.previewText()).toMatch(
      /appliedByRollingRestart[^:]*: \{\s*~ max_locks_per_transaction\s*: "128" => "256"/,
    );
    expect(of(await underTraffic(() => stack.up()), "update")).toEqual(["parameters"]);
    expect(new Set(await onEveryMember("SHOW max_locks_per_transaction"))).toEqual(new Set(["256"]));
    expect(outputs.postgres.pendingRestart).toEqual([]);
  });

  it("that the primary has to lower first, too", async () => {
    await configurePostgres({ parameters: { max_locks_per_transaction: 192 } });
    await underTraffic(() => stack.up());
    expect(new Set(await onEveryMember("SHOW max_locks_per_transaction"))).toEqual(new Set(["192"]));
    expect(outputs.postgres.pendingRestart).toEqual([]);
    expect(await stack.preview()).toEqual([]);
  });
});

describe("certificates", () => {
  it("are renewed by a reload: nothing is replaced, and no transaction fails", async () => {
    const [before, served] = [await containers(), await fingerprints()];
    await stack.configure({ tls: { renewal: 1 } });
    const steps = await underTraffic(() => stack.up());
    expect(new Set(steps.map(({ op, type }) => `${op} ${type}`))).toEqual(
      new Set(["update ContainerFiles", "update RedisClusterState"]),
    );
    expect(await containers()).toEqual(before);
    // Patroni takes a new one up with its next look at itself.
    await eventually("every server shows another certificate", async () => {
      const now = await fingerprints();
      return now.every((fingerprint, i) => fingerprint !== served[i]);
    });
    expect(await stack.preview()).toEqual([]);
  });
});

describe("rotated passwords", () => {
  it("leave clients of the version before their time; who comes with an older one is refused", async () => {
    const [before, first] = [await containers(), outputs];
    const traffic = [Traffic.start(first, 1)];
    const loads = [new Load(cacheClient(first, 1))];
    const rotate = async (rotation: number) => {
      await stack.configure({ secrets: { rotation } });
      const steps = await stack.up();
      expect(new Set(steps.map(({ op, type }) => `${op} ${type}`))).toEqual(
        new Set([
          ...["update Passwords", "update Role", "update ContainerFiles", "update RedisClusterState"],
          ...["update LoginsInForce", "update Rotations"],
        ]),
      );
      outputs = await stack.outputs();
      return outputs;
    };
    /** All who are at it go on for a while; then those who began first stop. */
    const firstStop = async () => {
      await Promise.all([...traffic, ...loads].map((clients) => clients.more(300)));
      const [theirs, load] = [await traffic.shift()!.stop(), loads.shift()!];
      await load.stop();
      console.log(`${theirs.writes} writes, ${theirs.reads} reads, ${load.operations} of Redis`);
      expect({ ...theirs, errors: [] }).toEqual(theirs);
      expect([load.failures, load.wrong]).toEqual([[], []]);
    };
    try {
      const second = await rotate(2);
      const { url } = second.services.dgm_service;
      expect([new URL(url).username, new URL(url).pathname]).toEqual(["dgm_service_2", "/dgm_service"]);
      expect(second.redis.users["dgm_service"]!.password).toBe(new URL(url).password);
      // They change over one after the other.
      traffic.push(Traffic.start(second, 1));
      loads.push(new Load(cacheClient(second, 2)));
      await firstStop();
      expect(await admits(first)).toEqual([true, true, true]);

      const third = await rotate(3);
      expect(new URL(third.services.dgm_service.url).username).toBe("dgm_service");
      traffic.push(Traffic.start(third, 1));
      loads.push(new Load(cacheClient(third, 3)));
      await firstStop();
      await firstStop();
      expect(await admits(first)).toEqual([false, false, false]);
      expect(await admits(second)).toEqual([true, true, true]);
      expect(await admits(third)).toEqual([true, true, true]);
    } finally {
      for (const clients of [...traffic, ...loads]) await clients.stop();
    }
    expect(await containers()).toEqual(before);
    expect(await stack.preview()).toEqual([]);
  });

  it("of internal accounts end no session, and no version before the last two is accepted", async () => {
    const before = await containers();
    const versions = [await internalAccess()];
    for (const internalRotation of [2, 3]) {
      await stack.configure({ secrets: { rotation: 3, internalRotation } });
      const load = new Load(cacheClient(outputs, internalRotation));
      const steps = await underTraffic(() => stack.up());
      await load.stop();
      expect([load.failures, load.wrong]).toEqual([[], []]);
      expect(steps.filter(({ op }) => op !== "update")).toEqual([]);
      expect(steps.filter(({ type }) => type === "Container" || type === "Role")).toEqual([]);
      versions.push(await internalAccess());
    }
    const [first, second, third] = versions as [InternalAccess, InternalAccess, InternalAccess];
    // Redis takes two at once; of the others each has one, and there are no clients that have to change over.
    expect(await administers(first)).toEqual({
      deployer: false,
      console: false,
      patroni: false,
      redis: false,
    });
    expect(await administers(second)).toEqual({
      deployer: false,
      console: false,
      patroni: false,
      redis: true,
    });
    expect(await administers(third)).toEqual({ deployer: true, console: true, patroni: true, redis: true });
    expect(await containers()).toEqual(before);
    const status = await docker([
      "ps",
      "--format",
      "{{.Status}}",
      "--filter",
      `name=^${stack.container("")}`,
    ]);
    expect(
      status
        .trim()
        .split("\n")
        .filter((line) => !line.includes("(healthy)")),
    ).toEqual([]);
    expect(await stack.preview()).toEqual([]);

    // What is connected has to come back with what is valid now.
    await onEachNode(third.redis, "CLIENT", "KILL", "TYPE", "replica");
    await eventually("every replica of Redis follows its master again", async () => {
      const said = await onEachNode(third.redis, "INFO", "replication");
      const links = said.flatMap((text) => /master_link_status:(\w+)/.exec(String(text))?.[1] ?? []);
      return links.length === 3 && links.every((link) => link === "up");
    });
    await underTraffic(async () => manualSwitchover(await members()));
  });

  it("go up one at a time, as the preview says before anything happens", async () => {
    const refusal = async (secrets: object) => {
      await stack.configure({ secrets });
      const { status, stdout, stderr } = await stack.tryPreview();
      expect(status).not.toBe(0);
      return stdout + stderr;
    };
    expect(await refusal({ rotation: 5, internalRotation: 3 })).toMatch(
      /acgs-db:secrets\.rotation is 3 for .*dgm_service.* cannot go to 5/s,
    );
    expect(await refusal({ rotation: 3, internalRotation: 1 })).toMatch(
      /acgs-db:secrets\.internalRotation is 3 .* cannot go back to 1/,
    );
    await stack.configure({ secrets: { rotation: 4, internalRotation: 3 } });
    const text = await stack.previewText();
    expect(text).toMatch(/dgm_service_2\s*: 2 => 4/);
    expect(text).not.toMatch(/docker:index\/container:Container/);
  });

  it("are put out only when the replica, on which logins are looked up, has them", async () => {
    const leader = await primary();
    const replica = outputs.postgres.members.find(({ name }) => name !== leader)!;
    const startup = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'startup'";
    const pid = String(await valueOf(direct(outputs.monitor.url, replica), startup));
    const signal = (name: string) =>
      docker(["exec", stack.container(replica.name), "bash", "-c", `kill -${name} ${pid}`]);
    await signal("STOP");
    try {
      const { status, stdout, stderr } = await stack.tryUp();
      expect(status).not.toBe(0);
      expect(stdout + stderr).toMatch(
        new RegExp(`${replica.name} does not have the passwords of .*dgm_service_2`),
      );
      expect((await stack.outputs()).services).toEqual(outputs.services);
      expect(await admits(outputs)).toEqual([true, true, true]);
    } finally {
      await signal("CONT");
    }
    await stack.up();
    outputs = await stack.outputs();
    expect(new URL(outputs.services.dgm_service.readUrl).username).toBe("dgm_service_2");
    expect(await admits(outputs)).toEqual([true, true, true]);
    expect(await stack.preview()).toEqual([]);
  });
});

describe("another image of PostgreSQL", () => {
  it("replaces the containers after a switchover, and no transaction fails", async () => {
    await appendFile(
      join(stack.directory, "images/postgres/Dockerfile"),
      '\nLABEL org.acgs.test="rebuilt"\n',
    );
    const text = await stack.previewText();
    expect(text).toMatch(/postgres-1-handover/);
    await underTraffic(() => stack.up());
    expect(await stack.preview()).toEqual([]);
  });
});

describe("more and fewer members, routers and poolers", () => {
  it("are added without touching the others", async () => {
    await configurePostgres({ members: 3 });
    await stack.configure({ pgbouncer: { instances: 2 }, haproxy: { instances: 2 } });
    const steps = await underTraffic(() => stack.up());
    expect(of(steps, "create").sort()).toEqual(
      [
        ...["haproxy-2", "haproxy-2-container-files", "haproxy-2-data", "haproxy-2-files"],
        ...["pgbouncer-2", "pgbouncer-2-container-files", "pgbouncer-2-data", "pgbouncer-2-files"],
        ...["postgres-3", "postgres-3-container-files", "postgres-3-data", "postgres-3-files"],
        "postgres-3-handover",
      ].sort(),
    );
    expect(steps.filter(({ op }) => op !== "create" && op !== "update")).toEqual([]);
    expect(steps.filter(({ op, type }) => op === "update" && ["Container", "Volume"].includes(type))).toEqual(
      [],
    );
    // Members' certificates are right for any number of routers.
    expect(of(steps, "update").filter((name) => /^postgres-\d+-container-files$/.test(name))).toEqual([]);
    outputs = await stack.outputs();
    expect(outputs.poolers).toHaveLength(2);
    expect(new Set(await onEveryMember("SELECT count(*)::int FROM dgm.dgm_archive"))).toEqual(new Set([10]));
  });

  it("are taken away again, the primary among them", async () => {
    const inputs = await members();
    if ((await primary()) !== "postgres-3") await manualSwitchover(inputs, "postgres-3");
    await configurePostgres({ members: 1 });
    await stack.configure({ pgbouncer: { instances: 1 }, haproxy: { instances: 1 } });
    await underTraffic(() => stack.up());
    outputs = await stack.outputs();
    expect(outputs.postgres.members.map(({ name }) => name)).toEqual(["postgres-1"]);
    expect(await onEveryMember("SELECT pg_is_in_recovery() OR count(*) <> 10 FROM dgm.dgm_archive")).toEqual([
      false,
    ]);
    const left = (await docker(["ps", "-a", "--format", "{{.Names}}"])).split("\n");
    for (const kind of ["postgres-", "haproxy-", "pgbouncer-"])
      expect(left.filter((name) => name.startsWith(stack.container(kind)))).toHaveLength(1);
    expect(await stack.preview()).toEqual([]);
  });
});

/** A service's client of Redis, with keys of its own within the service's prefix. */
function cacheClient({ redis }: StackOutputs, number: number): Cluster {
  const { username, password, keyPrefix } = redis.users["dgm_service"]!;
  const redisOptions = { username, password, tls: {} };
  const client = new Cluster(redis.nodes, { keyPrefix: `${keyPrefix}${number}:`, redisOptions });
  client.on("error", () => undefined); // operations tell
  return client;
}

/** Whether a service's credentials open a new session of PgBouncer, of a member past it, and of Redis. */
async function admits({ services, redis, postgres }: StackOutputs): Promise<boolean[]> {
  const { url } = services.dgm_service;
  const tries = [url, direct(url, postgres.members[0]!)].map((one) =>
    query(one, "SELECT 1").catch((error: Error) => {
      expect(error.message).toMatch(/(SASL|password) authentication failed/);
    }),
  );
  const answers = await Promise.all(tries);
  const { username, password } = redis.users["dgm_service"]!;
  const client = new Redis({ ...redis.nodes[0]!, tls: {}, lazyConnect: true, enableReadyCheck: false });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const said = await client.auth(username, password).catch((error: Error) => error.message);
    expect(said).toMatch(/^(OK$|WRONGPASS )/);
    return [...answers.map((rows) => rows !== undefined), said === "OK"];
  } finally {
    client.disconnect();
  }
}

/** Ids of the stack's containers. */
async function containers(): Promise<string[]> {
  const ids = await docker(["ps", "--no-trunc", "--quiet", "--filter", `name=^${stack.container("")}`]);
  return ids.split("\n").filter(Boolean).sort();
}

/** Of the certificates that are shown where TLS begins with the first byte: Patroni's and Redis'. */
function fingerprints(): Promise<string[]> {
  const rest = outputs.postgres.members.map(({ rest: url }) => Number(new URL(url).port));
  const redis = outputs.redis.nodes.map(({ port }) => port);
  return Promise.all([...rest, ...redis].map(fingerprint));
}

function fingerprint(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}
