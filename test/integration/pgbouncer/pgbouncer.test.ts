import fc from "fast-check";
import { createServer, type Socket } from "node:net";
import pg from "pg";
import { describe, expect, it, vi } from "vitest";
import { atConsole, onConsole } from "../../../lib/pgbouncerConsole.ts";
import { untilNoneLogsIn } from "../../../components/pgbouncer/pendingLogins.ts";
import {
  AUTH_DATABASE,
  CONFIGURATION_FILE,
  pgbouncerConfiguration,
  POOLS_FILE,
  PORT,
  userlist,
  USERS_FILE,
} from "../../../components/pgbouncer/pgbouncerConfiguration.ts";
import { poolsOf } from "../../../components/pgbouncer/pgbouncer.ts";
import { type Pool, renderPools } from "../../../components/pgbouncer/databasesSection.ts";
import { scramVerifier } from "../../../components/security/scram.ts";
import { poolDefaults, readerPoolDefault } from "../../../components/stack/defaults.ts";
import { testAuthority, tlsFiles } from "../../../testing/certificates.ts";
import { assertOfMany, hostileName, hostilePassword, hostileText, rendered } from "../../support/hostile.ts";
import { runProgram, startProgram } from "../../../testing/program.ts";

const endpoint = (port: number) => ({ hosts: ["haproxy-1", "haproxy-2"], port });
const POOLS = renderPools(
  poolsOf({
    instances: 2,
    writer: endpoint(5000),
    reader: endpoint(5001),
    pools: poolDefaults,
    readerPool: readerPoolDefault,
  }),
);

/** PgBouncer has no check-only mode: it is started, and ended once it has read its files or given up. */
const START = `timeout --preserve-status -s TERM 2 pgbouncer ${CONFIGURATION_FILE} 2>&1`;

const start = async (pools: string) =>
  runProgram("pgbouncer", ["bash", "-c", START], {
    ...(await tlsFiles("pgbouncer-1")),
    [CONFIGURATION_FILE]: pgbouncerConfiguration(5000),
    [USERS_FILE]: userlist("pgbouncer", `quote " backslash \\ hash #`),
    [POOLS_FILE]: pools,
  });

/** Texts that PgBouncer and PostgreSQL would take for hashes of other passwords. */
const VERIFIERS = [
  `md5${"0a".repeat(16)}`,
  scramVerifier("another-password"),
  "SCRAM-SHA-256$1:YQ==$YQ==:YQ==",
];

type Row = Record<string, unknown>;

async function asked(
  port: number,
  login: { user: string; password: string },
  command: string,
): Promise<Row[]> {
  const client = new pg.Client({
    ...{ host: "127.0.0.1", port, database: "pgbouncer", ssl: { ca: testAuthority } },
    ...login,
  });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(command)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A PgBouncer that runs. @param users  who may ask its console besides */
async function running(pools: string, password: string, others = "", users: readonly string[] = []) {
  const configuration = pgbouncerConfiguration(5000);
  const started = await startProgram("pgbouncer", PORT, {
    ...(await tlsFiles("pgbouncer-1")),
    [CONFIGURATION_FILE]: configuration.replace(/^(stats_users = .*)$/m, ["$1", ...users].join(",")),
    [USERS_FILE]: userlist("pgbouncer", password) + others,
    [POOLS_FILE]: pools,
  });
  const console_ = (command: string) => asked(started.port, { user: "pgbouncer", password }, command);
  try {
    await vi.waitFor(() => console_("SHOW VERSION"), { timeout: 30_000, interval: 100 });
  } catch (error) {
    const log = await started.logs();
    await started.stop();
    throw new Error(`PgBouncer does not answer: ${log.slice(-2000)}`, { cause: error });
  }
  return { ...started, console: console_ };
}

/** A server that takes connections and says nothing until it hangs up on all of them. */
async function silentServer() {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  const { port } = server.address() as { port: number };
  const hangUp = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port, hangUp };
}

describe("what would cut logins short", () => {
  it("waits until PgBouncer is logging in to no server of the entry", { timeout: 60_000 }, async () => {
    const password = "a-password-of-tests";
    const { port: silent, hangUp } = await silentServer();
    const { output } = await runProgram("pgbouncer", ["sh", "-c", "cat /proc/net/route"], {});
    const pool = { hosts: [gatewayIn(output)], port: silent, database: "acgs_db", size: 5, reserve: 0 };
    const pools = renderPools({ [AUTH_DATABASE]: { ...pool, maxConnections: 5, maxClients: 5 } });
    const { port, stop } = await running(pools, password);
    const instance = { docker: "", container: "", host: "127.0.0.1", port, authority: testAuthority };
    const client = new pg.Client({
      host: "127.0.0.1",
      port,
      ssl: { ca: testAuthority },
      user: "somebody",
      database: AUTH_DATABASE,
    });
    client.on("error", () => undefined);
    try {
      client.connect().catch(() => undefined);
      const servers = () => onConsole(instance, [password], "SHOW SERVERS");
      await vi.waitFor(async () => expect(await servers()).toMatchObject([{ state: "new" }]), 30_000);
      await atConsole(instance, [password], (run) => untilNoneLogsIn(run, ["another entry"]));

      let isOver = false;
      const waiting = atConsole(instance, [password], untilNoneLogsIn).then(() => (isOver = true));
      // As often as it may look itself, and then some.
      for (let i = 0; i < 20; i++) await servers();
      expect([isOver, await servers()]).toMatchObject([false, [{ state: "new" }]]);
      hangUp();
      await waiting;
    } finally {
      hangUp();
      await stop();
    }
  });
});

/** The address of the engine's host in a container's routes, where it is in hexadecimal digits from right to left. */
function gatewayIn(routes: string): string {
  const [, digits] = /^\S+\s+00000000\s+([0-9A-F]{8})/m.exec(routes)!;
  return digits!
    .match(/../g)!
    .map((byte) => parseInt(byte, 16))
    .reverse()
    .join(".");
}

describe("PgBouncer's files", () => {
  it("are read by PgBouncer without a complaint", async () => {
    const { output } = await start(POOLS);
    expect(output).toContain("process up");
    expect(output).not.toMatch(/ERROR|FATAL|WARNING|invalid|unrecognized/i);
  });

  it("give back every name and number of the pools, or refuse the name", { timeout: 60_000 }, async () => {
    const number = fc.integer({ min: 1, max: 9000 });
    const pool = fc.record({
      hosts: fc.array(hostileName, { minLength: 1, maxLength: 2 }),
      port: number,
      database: hostileName,
      ...{ size: number, reserve: number, maxConnections: number, maxClients: number, lifetime: number },
    });
    await assertOfMany(fc.tuple(hostileName, pool), 300, async (given) => {
      const taken: Record<string, Pool> = {};
      for (const [name, one] of given) {
        const result = rendered(() => renderPools({ [name]: one }));
        if ("text" in result) taken[name] = one;
        else expect(result.refusal).toMatch(/^Not a name for PgBouncer: ".*"\. It takes up to 63 letters/);
      }
      expect(Object.keys(taken).length).toBeGreaterThan(10);
      const { console: ask, stop } = await running(renderPools(taken), "a-password-of-tests");
      try {
        const rows = (await ask("SHOW DATABASES")).filter(({ name }) => name !== "pgbouncer");
        const found = rows.map((row) => [
          row["name"],
          {
            hosts: String(row["host"]).split(","),
            port: Number(row["port"]),
            database: row["database"],
            size: Number(row["pool_size"]),
            reserve: Number(row["reserve_pool_size"]),
            maxConnections: Number(row["max_connections"]),
            maxClients: Number(row["max_client_connections"]),
            lifetime: Number(row["server_lifetime"]),
          },
        ]);
        expect(Object.fromEntries(found)).toEqual(taken);
      } finally {
        await stop();
      }
    });
  });

  it("accept exactly the password that was given, or refuse to hold it", { timeout: 60_000 }, async () => {
    const passwords = fc.oneof(hostilePassword, hostileText, fc.constantFrom(...VERIFIERS));
    await assertOfMany(passwords, 80, async (given) => {
      const users = new Map<string, string>();
      for (const [i, password] of [...VERIFIERS, ...given].entries()) {
        const result = rendered(() => userlist(`u${i}`, password));
        const isAscii = /^[\0-\x7f]*$/.test(password);
        if ("refusal" in result) {
          expect(result.refusal).toMatch(/^PgBouncer cannot read the password of u\d+: it (holds|has) /);
          if (password.length > 3) expect(result.refusal).not.toContain(password);
          // Whatever the configuration takes, it takes.
        } else if (isAscii) users.set(`u${i}`, password);
      }
      for (const password of VERIFIERS) expect([...users.values()]).not.toContain(password);
      expect(users.size).toBeGreaterThan(20);
      const list = [...users].map(([login, password]) => userlist(login, password)).join("");
      const { port, stop } = await running("[databases]\n", "a-password-of-tests", list, [...users.keys()]);
      const admits = (user: string, password: string) =>
        asked(port, { user, password }, "SHOW VERSION").then(
          () => true,
          (error: Error) => (expect(error.message).toMatch(/SASL|password/), false),
        );
      try {
        for (const [user, password] of users) {
          expect([password, await admits(user, password)]).toEqual([password, true]);
        }
        const [[user, password]] = [...users] as [[string, string]];
        expect(await admits(user, `${password}x`)).toBe(false);
      } finally {
        await stop();
      }
    });
  });

  it("would be refused with a setting that it does not know: this test can fail", async () => {
    const { output } = await start("[databases]\nacgs_db = host=h no_such_setting=1\n");
    expect(output).toMatch(/unrecognized|invalid/i);
  });
});
