import pg from "pg";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { APPLICATION_LOGIN, DATABASE, MONITOR_LOGIN } from "../../../lib/names.ts";
import type { ServerConnection } from "../../../lib/postgres/session.ts";
import { readSqlDirectory } from "../../../components/migrations/sqlDirectory.ts";
import { fileInputs } from "../../../components/migrations/sqlFile.ts";
import { provider, type State } from "../../../components/migrations/sqlSchema.provider.ts";
import { testAuthority } from "../../../testing/certificates.ts";
import { ENGINE } from "../../../testing/images.ts";
import type { Pool } from "../../../components/pgbouncer/databasesSection.ts";
import { provider as poolsProvider } from "../../../components/pgbouncer/pools.provider.ts";
import { pause } from "../../../lib/wait.ts";
import { reconnect } from "../../../components/pgbouncer/reconnect.ts";
import { POOLS_FILE } from "../../../components/pgbouncer/pgbouncerConfiguration.ts";
import { IMAGE_USERS } from "../../../components/docker/imageNames.ts";
import { exec } from "../../../lib/docker/exec.ts";
import { poolName, poolsOf } from "../../../components/pgbouncer/pgbouncer.ts";
import { poolDefaults, readerPoolDefault } from "../../../components/stack/defaults.ts";
import { rows, startAppliedDatabase, type StackDatabase } from "../../../testing/sqlServer.ts";
import { type Companion, startPooler } from "../platform/companions.ts";

// What clients get from one PgBouncer of a stack that has two: the other may be lost.

const PASSWORD = "a-password-of-tests";
const CONSOLE = { user: "pgbouncer", database: "pgbouncer" };
const LOGINS = Object.keys(poolDefaults);

/** Clients that SQLAlchemy opens for a service: `pool_size` (the requirements' min_connections) and `max_overflow`. */
const REQUIRED = {
  auth_service: 15 + 25,
  ac_service: 12 + 20,
  integrity_service: 10 + 15,
  fv_service: 8 + 15,
  gs_service: 12 + 20,
  pgc_service: 15 + 25,
  dgm_service: 10 + 15,
};

let database: StackDatabase;
let pooler: Companion;
let pools: Record<string, Pool>;
const clients: pg.Client[] = [];

/** A client of PgBouncer. @param startup  what it sends in its first packet, beside what `pg` sends */
async function connect(config: pg.ClientConfig, startup: Record<string, string> = {}): Promise<pg.Client> {
  const { host, port } = pooler;
  const client = new pg.Client({ host, port, password: PASSWORD, database: DATABASE, ...config });
  client.on("error", () => undefined);
  const own = client as unknown as { getStartupConf: () => Record<string, string> };
  const sent = own.getStartupConf.bind(client);
  own.getStartupConf = () => ({ ...sent(), ...startup });
  await client.connect();
  clients.push(client);
  return client;
}

const poolsAt = (server: { hosts: string[]; port: number }) =>
  poolsOf({
    instances: 2,
    writer: server,
    reader: server,
    pools: poolDefaults,
    readerPool: readerPoolDefault,
  });

const poolers = () => ({ "pgbouncer-1": { docker: ENGINE, ...pooler, authority: testAuthority } });

beforeAll(async () => {
  database = await startAppliedDatabase("dgm");
  const admin = await database.connect();
  for (const login of [...LOGINS, MONITOR_LOGIN]) {
    await admin.query(`ALTER ROLE ${login} PASSWORD '${PASSWORD}'`);
  }
  const passwords = Object.fromEntries(
    [APPLICATION_LOGIN, ...LOGINS, MONITOR_LOGIN, CONSOLE.user].map((login) => [login, PASSWORD]),
  );
  pooler = await startPooler(database, passwords, (server) => (pools = poolsAt(server)));
});
afterAll(async () => {
  for (const client of clients) await client.end().catch(() => undefined);
  pooler?.stop();
  await database?.stop();
});

it("takes the 217 clients of the requirements' pools, and opens its half of the server connections", async () => {
  const logins = Object.entries(REQUIRED).flatMap(([login, many]) => Array<string>(many).fill(login));
  expect(logins).toHaveLength(217);
  const all = await Promise.all(logins.map((user) => connect({ user, database: poolName(user) })));
  const asked = await Promise.all(all.map((client) => rows(client, "SELECT 1, pg_sleep(0.05)")));
  expect(asked).toHaveLength(217);

  const console_ = await connect(CONSOLE);
  const { rows: servers } = await console_.query<{ database: string }>("SHOW SERVERS");
  for (const [login, pool] of Object.entries(poolDefaults)) {
    const opened = servers.filter(({ database: name }) => name === poolName(login)).length;
    expect(opened, login).toBeLessThanOrEqual(Math.ceil(pool.size / 2) + Math.ceil(pool.reserve / 2));
  }
});

it("leaves former addresses, and says so when the last transaction through them has ended", async () => {
  const { hosts, port } = Object.values(pools)[0]!;
  const user = LOGINS[0]!;
  const client = await connect({ user, database: poolName(user) });
  await client.query("BEGIN; SELECT 1");
  const [olds, news] = [pools, poolsAt({ hosts: [...hosts, ...hosts], port })].map((of) => ({
    instances: poolers(),
    pools: of,
    passwords: [PASSWORD],
  }));
  // The files of this test were copied in by root.
  await exec(Object.values(poolers())[0]!, ["chown", String(IMAGE_USERS.pgbouncer), dirname(POOLS_FILE)], {
    user: "0",
  });
  let isDone = false;
  const update = poolsProvider.update!("pools", olds!, news!).then(() => (isDone = true));
  await pause(3_000);
  expect(isDone).toBe(false);
  await client.query("COMMIT");
  await update;
  expect((await client.query("SELECT 1")).rowCount).toBe(1);
});

it("replaces the server connections of the entries that it has", async () => {
  const user = LOGINS[0]!;
  const client = await connect({ user, database: poolName(user) });
  const pid = async () => (await rows(client, "SELECT pg_backend_pid() AS pid"))[0];
  const before = await pid();
  await reconnect(Object.values(poolers()), [PASSWORD], ["of_no_pool", poolName(user)]);
  const after = await pid();
  expect(after).not.toEqual(before);
  await reconnect(Object.values(poolers()), [PASSWORD], ["of_no_pool"]);
  expect(await pid()).toEqual(after);
});

describe("statements that clients prepared", () => {
  const prepared = { name: "all", text: "SELECT * FROM app.notes" };
  let directory: string;
  const file = (name: string, text: string) => writeFile(join(directory, name), text);

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "acgs-sqltest-"));
  });
  afterAll(() => rm(directory, { recursive: true }));

  /** The inputs of the resource, for the files as they are on disk. */
  const inputs = async (password = PASSWORD) => ({
    schema: "app",
    directory,
    settings: {},
    connection: database.connection as ServerConnection,
    files: fileInputs(await readSqlDirectory(directory, {})),
    poolers: poolers(),
    poolerPasswords: [password],
  });

  it("go on after a file has changed their table, and after one that failed", async () => {
    const { create, update } = provider;
    await file(
      "V001__notes.sql",
      "CREATE SCHEMA app; CREATE TABLE app.notes (id int); GRANT USAGE ON SCHEMA app TO acgs_user; GRANT SELECT ON app.notes TO acgs_user",
    );
    let state = (await create(await inputs())).outs!;
    const client = await connect({ user: "acgs_user" });
    const columns = async (of: pg.Client) => (await of.query(prepared)).fields.map(({ name }) => name);
    expect(await columns(client)).toEqual(["id"]);

    await file("V002__author.sql", "ALTER TABLE app.notes ADD COLUMN author text");
    state = (await update!("id", state, await inputs())).outs as State;
    const other = await connect({ user: "acgs_user" });
    for (const one of [client, other, client]) expect(await columns(one)).toEqual(["id", "author"]);

    await file("V003__subject.sql", "ALTER TABLE app.notes ADD COLUMN subject text");
    await file("V004__wrong.sql", "SELECT nonsense");
    await expect(update!("id", state, await inputs())).rejects.toThrow("nonsense");
    for (const one of [client, other]) expect(await columns(one)).toEqual(["id", "author", "subject"]);

    await file("V004__wrong.sql", "SELECT 1");
    await expect(update!("id", state, await inputs("another-password"))).rejects.toThrow(
      /the files are applied, but PgBouncer was not told \(.+\), so statements .* may fail\. Run up again/,
    );
  });
});

describe("what drivers send in the startup packet", () => {
  it.each<[string, Record<string, string>, string, string]>([
    [
      "options: default_transaction_read_only",
      { options: "-c default_transaction_read_only=on" },
      "default_transaction_read_only",
      "on",
    ],
    ["options: TimeZone", { options: "-c TimeZone=Europe/Berlin" }, "TimeZone", "Europe/Berlin"],
    [
      "default_transaction_read_only",
      { default_transaction_read_only: "on" },
      "default_transaction_read_only",
      "on",
    ],
    ["IntervalStyle", { IntervalStyle: "iso_8601" }, "IntervalStyle", "iso_8601"],
    ["TimeZone", { TimeZone: "Europe/Berlin" }, "TimeZone", "Europe/Berlin"],
    ["DateStyle", { DateStyle: "ISO" }, "DateStyle", "ISO, MDY"],
    ["application_name", { application_name: "reports" }, "application_name", "reports"],
  ])("is in force: %s", async (_what, startup, parameter, value) => {
    const client = await connect({ user: "dgm_service", database: "dgm_service" }, startup);
    expect(await rows(client, `SHOW ${parameter}`)).toEqual([value]);
    // Another client of the same server connections does not inherit it.
    const other = await connect({ user: "dgm_service", database: "dgm_service" });
    if (parameter === "default_transaction_read_only")
      expect(await rows(other, `SHOW ${parameter}`)).toEqual(["off"]);
    await Promise.all([client.end(), other.end()]);
  });

  it.each<[string, Record<string, string>]>([
    ["options: search_path", { options: "-c search_path=dgm" }],
    ["options: statement_timeout", { options: "-c statement_timeout=1234" }],
    ["options: an unreadable one", { options: "-B 100" }],
    ["statement_timeout", { statement_timeout: "1234" }],
    ["lock_timeout", { lock_timeout: "1234" }],
    ["idle_in_transaction_session_timeout", { idle_in_transaction_session_timeout: "1234" }],
    ["search_path", { search_path: "dgm" }],
    ["jit", { jit: "off" }],
    ["default_transaction_isolation", { default_transaction_isolation: "serializable" }],
  ])("is refused with its name: %s", async (what, startup) => {
    const parameter = what.includes("unreadable") ? "options" : what.replace(/^options: /, "");
    await expect(connect({ user: "dgm_service", database: "dgm_service" }, startup)).rejects.toMatchObject({
      code: "08P01",
      message: expect.stringContaining(parameter) as string,
    });
  });

  it("may hold extra_float_digits, in whose place the server's default is as exact", async () => {
    const client = await connect(
      { user: "dgm_service", database: "dgm_service" },
      { extra_float_digits: "3" },
    );
    expect(await rows(client, "SELECT (0.1::float8 + 0.2::float8)::text")).toEqual(["0.30000000000000004"]);
  });
});
