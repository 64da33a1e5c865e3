import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Drift, DriftReport } from "../../operations/drift/driftReport.ts";
import { inSession } from "../../lib/postgres/session.ts";
import { onConsole, type PgBouncerInstance } from "../../lib/pgbouncerConsole.ts";
import { POOLS_FILE } from "../../components/pgbouncer/pgbouncerConfiguration.ts";
import { Patroni } from "../../components/postgres/patroniClient.ts";
import { type AdminAccess, connect } from "../../components/redis/nodes.ts";
import { query as querySuperuser } from "../../components/postgres/memberSettings.ts";
import { inputsOf } from "../../lib/pulumi/deployment.ts";
import { parseState } from "../../lib/pulumi/state.ts";
import { TYPE } from "../../lib/pulumi/types.ts";
import type { StackOutputs } from "../../components/stack/outputs.ts";
import type { MembersAccess } from "../../operations/stackAccess.ts";
import { Checkout } from "../support/checkout.ts";
import { docker } from "../support/engine.ts";
import { direct, valueOf } from "../../testing/clients.ts";
import { eventually } from "../../testing/eventually.ts";

// What is changed by hand behind the stack's back: `npm run drift` finds it and changes nothing, `npm run up` mends it.

let checkout: Checkout;
let outputs: StackOutputs;
let parameters: MembersAccess;
let poolers: { instances: Record<string, PgBouncerInstance>; passwords: string[] };
let redis: { nodes: Record<string, string>; admin: AdminAccess };

beforeAll(async () => {
  checkout = await Checkout.small(2);
  await checkout.succeed("up");
  outputs = await checkout.outputs();
  const { stdout } = await checkout.succeed("pulumi", "stack", "export", "--stack", "dev", "--show-secrets");
  const deployment = parseState(stdout);
  parameters = inputsOf(deployment, TYPE.parameters)!;
  poolers = inputsOf(deployment, TYPE.pools)!;
  redis = inputsOf(deployment, TYPE.redisClusterState)!;
});

afterAll(async () => {
  await checkout?.end();
});

/** What `npm run drift -- --json` finds, and its exit status. */
async function drift(): Promise<DriftReport & { status: number }> {
  const { status, stdout, stderr } = await checkout.run("drift", "--json");
  try {
    return { status, ...(JSON.parse(stdout) as DriftReport) };
  } catch {
    throw new Error(`drift ended with ${status}:\n${stderr}\n${stdout}`);
  }
}

const named = (found: Drift[], what: string | RegExp) => found.find((one) => one.what.match(what) !== null);

async function asSuperuser(database: string, ...statements: string[]) {
  const { members } = parameters;
  const run = async (client: pg.Client) => {
    let rows: pg.QueryResultRow[] = [];
    for (const statement of statements) rows = (await client.query(statement)).rows;
    return rows;
  };
  return inSession({ database, members }, run, { patienceMs: 30_000 });
}

const patroni = () => new Patroni(parameters.members, parameters.restUser, parameters.restPasswords);

/** The member that has the leader's lock, by Patroni's own word. */
async function leader(): Promise<string | undefined> {
  return patroni().leader();
}

/** At once, or after a moment: a container that was started is healthy only after its next check. */
async function nothingIsLeft(): Promise<void> {
  let last: unknown;
  await eventually("nothing is left", async () => {
    const { status, drift: left, notSeen } = await drift();
    last = { status, left, notSeen };
    return status === 0;
  }).catch((error: unknown) => expect(last ?? error).toEqual({ status: 0, left: [], notSeen: [] }));
  expect(await checkout.changes()).toEqual([]);
}

describe("a stack that nobody has touched", () => {
  it("has no drift", async () => {
    const { status, stdout } = await checkout.run("drift");
    expect([status, stdout]).toEqual([0, "Stack dev: no drift.\n"]);
  });

  it("is the only one that can be looked at", async () => {
    const { status, stderr } = await checkout.run("drift", "nosuch");
    expect(status).toBe(1);
    expect(stderr).toContain("Stack nosuch is not there");
  });
});

describe("what was changed by hand", () => {
  const before = new Map<string, string>();
  const pooler = () => Object.values(poolers.instances)[0]!;

  beforeAll(async () => {
    before.set("work_mem", String(await valueOf(outputs.monitor.url, "SHOW work_mem")));
    await patroni().patch({ postgresql: { parameters: { work_mem: "77MB" } } });
    const address = Object.values(parameters.members)[0]!;
    await querySuperuser(address, "ALTER SYSTEM SET log_lock_waits = off");
    await asSuperuser("acgs_db", "DROP OWNED BY acgs_readonly");
    await asSuperuser("postgres", "DROP ROLE acgs_readonly");
    await asSuperuser("acgs_db", "REVOKE USAGE ON SCHEMA auth FROM auth_service");
    await asSuperuser("postgres", "ALTER ROLE ec_service SUPERUSER");
    await asSuperuser("postgres", "ALTER ROLE fv_service PASSWORD 'of-somebody-else'");
    const [row] = await asSuperuser(
      "acgs_db",
      `SELECT min(indexrelid::regclass::text) AS dropped, max(indexrelid::regclass::text) AS invalid
       FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
       WHERE c.relnamespace = 'auth'::regnamespace AND NOT indisprimary AND NOT indisunique AND c.relkind = 'r'
         AND NOT c.relispartition`,
    );
    before.set("dropped", String(row!["dropped"]));
    before.set("invalid", String(row!["invalid"]));
    await asSuperuser("acgs_db", `DROP INDEX ${row!["dropped"]}`);
    await asSuperuser(
      "acgs_db",
      `UPDATE pg_index SET indisvalid = false WHERE indexrelid = '${row!["invalid"]}'::regclass`,
    );
    await asSuperuser("acgs_db", "DELETE FROM deploy.ledger WHERE schema = 'dgm' AND file = 'R__views.sql'");
    await docker([
      ...["exec", "-u", "postgres", pooler().container],
      ...[
        "sed",
        "-i",
        "s/^dgm_service = \\(.*\\) pool_size=[0-9]*/dgm_service = \\1 pool_size=3/",
        POOLS_FILE,
      ],
    ]);
    await onConsole(pooler(), poolers.passwords, "PAUSE");
    const node = await connect("redis-1", redis.nodes["redis-1"]!, redis.admin, 10_000);
    await node.redis.config("SET", "maxclients", "77");
    node.redis.disconnect();
  });

  it("is found, with what up does about it, and nothing is changed by looking", async () => {
    const { status, drift: found, notSeen } = await drift();
    expect([status, notSeen]).toEqual([2, []]);
    const is = (what: string | RegExp) => named(found, what)?.is;
    expect({
      workMem: is("parameter work_mem"),
      alterSystem: is(/^parameter log_lock_waits of postgres-1$/),
      role: is("role acgs_readonly"),
      grant: is(/usage-auth-auth_service/) !== undefined,
      superuser: is(/superuser.* role ec_service|role ec_service.*superuser/),
      password: is("login fv_service"),
      index: is("SQL file sql/auth/R__indexes.sql"),
      ledger: is("SQL file sql/dgm/R__views.sql"),
      pool: is("pool dgm_service size"),
      paused: is("PgBouncer pgbouncer-1"),
      redis: is("Redis' maxclients"),
    }).toEqual({
      workMem: "77MB",
      alterSystem: "off, by ALTER SYSTEM",
      role: "gone",
      grant: true,
      superuser: "true",
      password: "with another password",
      index: expect.stringMatching(
        /^index \S+ is (missing|invalid), index \S+ is (missing|invalid)$/,
      ) as string,
      ledger: "not there",
      pool: "3",
      paused: "paused for all pools",
      redis: expect.stringContaining("redis-1: 77") as string,
    });
    expect(found.every(({ repaired, remedy }) => repaired && remedy.startsWith("up "))).toBe(true);
    expect((await drift()).drift).toEqual(found);
  });

  it("is shown by a preview, and mended by up", async () => {
    const { stderr } = await checkout.succeed("preview");
    expect(stderr).toContain("› role acgs_readonly: is gone, should be there → up makes it again");
    expect(stderr).toContain("› parameter work_mem: is 77MB");
    await checkout.succeed("up");
    await nothingIsLeft();
    await eventually(
      "the parameter is in force",
      async () => (await valueOf(outputs.monitor.url, "SHOW work_mem")) === before.get("work_mem"),
    );
    const [row] = await asSuperuser(
      "acgs_db",
      `SELECT count(*)::int AS valid FROM pg_index WHERE indisvalid AND indexrelid::regclass::text IN ('${before.get("dropped")}', '${before.get("invalid")}')`,
    );
    expect(row!["valid"]).toBe(2);
    expect(await valueOf(outputs.services.auth_service.url, "SELECT count(*)::int FROM auth.users")).toBe(0);
    for (const login of ["ec_service", "fv_service"] as const) {
      const superuser = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user";
      expect(await valueOf(outputs.services[login].url, superuser)).toBe(false);
    }
  });
});

describe("the login that makes roles", () => {
  it("is set back by up, although nothing on the server can be looked at without it", async () => {
    await asSuperuser("postgres", "ALTER ROLE acgs_deployer NOLOGIN");
    const { status, drift: found } = await drift();
    expect([status, named(found, "login acgs_deployer")?.is]).toEqual([2, "gone or without its rights"]);
    await checkout.succeed("up");
    await nothingIsLeft();
  });
});

describe("containers", () => {
  it("that are stopped or gone are found, keep a preview from refreshing, and run again after up", async () => {
    const [stopped, gone] = [checkout.container("redis-2"), checkout.container("haproxy-1")];
    await docker(["stop", stopped]);
    await docker(["rm", "--force", gone]);
    const { status, drift: found } = await drift();
    expect(status).toBe(2);
    expect([named(found, `container ${stopped}`)?.is, named(found, `container ${gone}`)?.is]).toEqual([
      expect.stringMatching(/^exited/) as string,
      "gone",
    ]);
    const refreshing = await checkout.run("preview", "--refresh");
    expect(refreshing.status).toBe(1);
    expect(refreshing.stderr).toContain("a refresh would delete what does not run");
    const id = (await docker(["inspect", "--format", "{{.Id}}", stopped])).trim();
    await checkout.succeed("up");
    expect((await docker(["inspect", "--format", "{{.Id}} {{.State.Status}}", stopped])).trim()).toBe(
      `${id} running`,
    );
    await nothingIsLeft();
  });
});

describe("Patroni's cluster", () => {
  it("has a member that the stack does not know", async () => {
    const etcd = checkout.container("etcd-1");
    const key = `/service/${checkout.prefix}/members/stranger`;
    const member = { conn_url: "postgres://192.0.2.1:5432/postgres", role: "replica", state: "running" };
    await docker(["exec", etcd, "etcdctl", "put", key, JSON.stringify(member)]);
    try {
      const found = await eventually("it is found", async () => {
        const { drift: all, status } = await drift();
        expect(all.length === 0 || status === 2).toBe(true);
        return named(all, "Patroni member stranger");
      });
      expect(found).toMatchObject({ is: "in the cluster", repaired: false });
    } finally {
      await docker(["exec", etcd, "etcdctl", "del", key]);
    }
  });

  it("is not drift after a failover: up undoes nothing", async () => {
    const old = (await leader())!;
    await docker(["kill", "--signal", "KILL", checkout.container(old)]);
    await eventually("another member leads", async () => {
      const now = await leader().catch(() => undefined);
      return now !== undefined && now !== old;
    });
    await docker(["start", checkout.container(old)]);
    await eventually("the old leader streams", async () => {
      const members = await patroni().cluster();
      return members.find(({ name }) => name === old)?.state === "streaming";
    });
    await eventually(
      "HAProxy routes to it",
      async () =>
        (await valueOf(
          direct(outputs.monitor.url, { host: outputs.writer.host, port: checkout.port("postgres") }),
          "SELECT 1",
        )) === 1,
    );
    await nothingIsLeft();
    const { stdout } = await checkout.succeed("up");
    expect(stdout).toMatch(/\d+ unchanged/);
    expect(stdout).not.toMatch(/\d+ (created|updated|replaced|deleted)/);
    expect(await leader()).not.toBe(old);
  });
});
