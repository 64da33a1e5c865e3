import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { inSession } from "../../../lib/postgres/session.ts";
import { pause } from "../../../lib/wait.ts";
import type { ParametersInputs } from "../../../components/postgres/applyParameters.ts";
import { stateOf } from "../../../components/postgres/bootstrap.ts";
import { asShown } from "../../../components/postgres/memberSettings.ts";
import { provider } from "../../../components/postgres/parameters.provider.ts";
import { REST_USER } from "../../../components/postgres/patroni.ts";
import { Patroni } from "../../../components/postgres/patroniClient.ts";
import { sizeParameters } from "../../../components/postgres/sizing.ts";
import { parametersInputs, startCluster, type TestCluster } from "./patroniCluster.ts";

/** Values that a preview refuses. What one does that no preview knows is the same. */

type Own = Record<string, string>;

const SIZED = sizeParameters({
  memoryMb: 1024,
  cpus: 2,
  storage: "ssd",
  workload: "oltp",
  maxConnections: 200,
  members: 2,
});

let cluster: TestCluster;
let patroni: Patroni;
let state: Awaited<ReturnType<typeof provider.create>>["outs"];

function inputs(own: Own = {}): ParametersInputs {
  const values = Object.entries(own).map(([name, value]) => [name, asShown(name, value)]);
  return parametersInputs(cluster, { ...SIZED, ...Object.fromEntries(values) }, "rolling");
}

function ask(member: string, sql: string): Promise<string> {
  return inSession({ member: cluster.members[member]!, database: "postgres" }, async (client) => {
    const { rows } = await client.query<[unknown]>({ text: sql, rowMode: "array" });
    return String(rows[0]![0]);
  });
}

const create = async () => void (state = (await provider.create(inputs())).outs);
const update = (own: Own) => provider.update!("parameters", state!, inputs(own));
const messageOf = (run: Promise<unknown>) =>
  run.then(
    () => "none",
    (error: Error) => error.message,
  );

/** An update that has to fail: its error, and for how long each member was not what it is, in ms. */
async function failedUpdate(own: Own): Promise<{ error: string; away: Record<string, number> }> {
  const roles = await rolesNow();
  const away = Object.fromEntries(Object.keys(roles).map((member) => [member, 0]));
  let isOver = false;
  const looks = Object.entries(roles).map(async ([member, role]) => {
    let from = performance.now();
    while (!isOver) {
      await pause(100);
      if ((await stateOf(patroni, member)) !== role) away[member]! += performance.now() - from;
      from = performance.now();
    }
  });
  const error = await messageOf(update(own));
  isOver = true;
  await Promise.all(looks);
  return { error, away };
}

async function rolesNow(): Promise<Record<string, string>> {
  const primary = await patroni.leader();
  const roleOf = (member: string) => (member === primary ? "primary" : "streaming");
  return Object.fromEntries(Object.keys(cluster.members).map((member) => [member, roleOf(member)]));
}

/** All members work, with the former value, and an update does. */
async function expectFormer(name: string): Promise<void> {
  const former = SIZED[name] ?? { DateStyle: "ISO, MDY" }[name] ?? "";
  for (const [member, role] of Object.entries(await rolesNow())) {
    expect(await ask(member, `SELECT current_setting('${name}')`)).toBe(former);
    const bySystem = "SELECT count(*) FROM pg_file_settings WHERE sourcefile ~ 'auto.conf$'";
    expect(await ask(member, bySystem)).toBe("0");
    expect(await ask(member, "SELECT count(*) FROM pg_settings WHERE pending_restart")).toBe("0");
    expect(await stateOf(patroni, member)).toBe(role);
  }
  await update({});
}

async function start(size: 1 | 2): Promise<void> {
  cluster = await startCluster(size);
  patroni = new Patroni(cluster.members, REST_USER, [cluster.restPassword]);
}

afterAll(() => cluster?.stop());

describe("with two members, a value with which a member does not work", () => {
  let primary: string;
  let replica: string;

  beforeAll(async () => {
    await start(2);
    await create();
  });
  beforeEach(async () => {
    primary = (await patroni.leader())!;
    replica = Object.keys(cluster.members).find((member) => member !== primary)!;
  });
  afterAll(() => cluster.stop());

  test("is tried on a replica alone, and taken back: the primary never has it", async () => {
    const { error, away } = await failedUpdate({ DateStyle: "German", work_mem: "7MB" });
    expect(error).toMatch(
      new RegExp(
        `^A member does not work with DateStyle = "German", work_mem = "7MB" \\(${replica}: .+\\)\\. ` +
          `It was tried on ${replica} alone, and is taken back\\. ` +
          "Set acgs-db:postgres\\.parameters\\.DateStyle, acgs-db:postgres\\.parameters\\.work_mem to another value",
      ),
    );
    expect(away[primary]).toBe(0);
    expect(away[replica]).toBeLessThan(30_000);
    await expectFormer("DateStyle");
    await update({ DateStyle: "ISO, DMY" });
    expect(await ask(primary, "SHOW DateStyle")).toBe("ISO, DMY");
    await update({});
  });

  test("is found where nobody can log in any more", async () => {
    const { error, away } = await failedUpdate({ session_preload_libraries: "auth_delay,no_such_library" });
    expect(error).toMatch(
      new RegExp(`^A member does not work with .+ \\(${replica}: could not access file "no_such_library"`),
    );
    expect(error).toContain(`It was tried on ${replica} alone`);
    expect(away[primary]).toBe(0);
    await expectFormer("session_preload_libraries");
  });

  test("is taken back everywhere, where only the primary's value does harm", async () => {
    const { error, away } = await failedUpdate({ wal_sender_timeout: "1" });
    expect(error).toMatch(
      new RegExp(
        `^A member does not work with wal_sender_timeout = "1" \\(${replica}: .+\\)\\. The former configuration is in force again\\.`,
      ),
    );
    expect(away[primary]).toBe(0);
    expect(away[replica]).toBeLessThan(30_000);
    await expectFormer("wal_sender_timeout");
  });

  test("is taken back, where a replica does not start with it; the primary is not restarted", async () => {
    const started = await ask(primary, "SELECT pg_postmaster_start_time()");
    const { error, away } = await failedUpdate({ shared_buffers: "4TB" });
    expect(error).toMatch(new RegExp(`^A member does not work with shared_buffers = "4TB" \\(${replica}: `));
    expect(away[primary]).toBe(0);
    await expectFormer("shared_buffers");
    expect(await ask(primary, "SELECT pg_postmaster_start_time()")).toBe(started);
  });

  test("is refused before any member has it, where the server does not take it", async () => {
    const { error, away } = await failedUpdate({ TimeZone: "Mars/Olympus" });
    expect(error).toMatch(
      /^PostgreSQL refuses TimeZone = "Mars\/Olympus"; invalid value for parameter "TimeZone"/,
    );
    expect(away).toEqual({ [primary]: 0, [replica]: 0 });
    await expectFormer("TimeZone");
  });
});

describe("with one member, a value with which it does not work", () => {
  beforeAll(() => start(1));

  test.each([
    ["DateStyle", "German"],
    ["shared_buffers", "4TB"],
  ])("is taken back while the cluster is new: %s", async (name, value) => {
    const error = await messageOf(provider.create(inputs({ [name]: value })));
    expect(error).toMatch(/^A member does not work with .+ \(postgres-1: .+\)\. The former /);
    expect(await patroni.leader()).toBe("postgres-1");
  });

  test.each([
    ["DateStyle", "German"],
    ["shared_buffers", "4TB"],
  ])("is taken back: %s", async (name, value) => {
    await create();
    const { error, away } = await failedUpdate({ [name]: value });
    expect(error).toMatch(
      new RegExp(`^A member does not work with ${name} = ".+" \\(postgres-1: .+\\)\\. The former `),
    );
    expect(away["postgres-1"]).toBeLessThan(30_000);
    await expectFormer(name);
  });
});
