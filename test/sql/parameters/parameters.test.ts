import pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { DATABASE, PGBOUNCER_LOGIN } from "../../../lib/names.ts";
import { TLS_FILE } from "../../../components/docker/containerFiles.ts";
import { inSession } from "../../../lib/postgres/session.ts";
import { ACCESS_RULES } from "../../../components/postgres/accessRules.ts";
import { provider } from "../../../components/postgres/parameters.provider.ts";
import type { ParametersInputs } from "../../../components/postgres/applyParameters.ts";
import { clusterRules, REST_USER } from "../../../components/postgres/patroni.ts";
import { Patroni } from "../../../components/postgres/patroniClient.ts";
import { sizeParameters } from "../../../components/postgres/sizing.ts";
import { validateParameters } from "../../../components/postgres/parameterFaults.ts";
import { testAuthority, tlsFiles } from "../../../testing/certificates.ts";
import { assertOfMany, hostileText } from "../../support/hostile.ts";
import { parametersInputs, startCluster, type TestCluster } from "./patroniCluster.ts";

const HOST = {
  memoryMb: 1024,
  cpus: 2,
  storage: "ssd",
  workload: "oltp",
  maxConnections: 200,
  members: 2,
} as const;
const SIZED = sizeParameters(HOST);

let cluster: TestCluster;
let state: Awaited<ReturnType<typeof provider.create>>["outs"];

function inputs(own: Record<string, string> = {}, more: Partial<ParametersInputs> = {}): ParametersInputs {
  return { ...parametersInputs(cluster, { ...SIZED, ...own }, "manual"), ...more };
}

async function update(news: ParametersInputs): Promise<void> {
  state = (await provider.update!("parameters", state!, news)).outs;
}

function query(member: string, sql: string): Promise<string[]> {
  // Without a name of its own: application_name is one of the parameters.
  return inSession({ member: cluster.members[member]!, database: "postgres" }, async (client) => {
    const { rows } = await client.query<string[]>({ text: sql, rowMode: "array" });
    return rows.map(([value]) => String(value));
  });
}

const onAll = (sql: string) =>
  Promise.all(Object.keys(cluster.members).map(async (member) => (await query(member, sql))[0]));
/** A value as each member has it for a session. One over the local socket shows none of TCP: what others begin with is. */
const shown = (name: string) =>
  onAll(
    name.startsWith("tcp_")
      ? `SELECT reset_val FROM pg_settings WHERE name = '${name}'`
      : `SELECT current_setting('${name}')`,
  );
const startTimes = () => onAll("SELECT pg_postmaster_start_time()");

beforeAll(async () => {
  cluster = await startCluster();
  state = (await provider.create(inputs())).outs;
});
afterAll(() => cluster?.stop());

describe("a new cluster", () => {
  test("has every sized value in force on every member, restarts included", async () => {
    expect(state!.pendingRestart).toEqual([]);
    expect(state!.inForce).toEqual(SIZED);
    expect(state!.version).toMatch(/^15\.\d+$/);
    for (const [name, value] of Object.entries(SIZED)) {
      expect(await shown(name), name).toEqual([value, value]);
    }
    expect(await onAll("SELECT count(*) FROM pg_settings WHERE pending_restart")).toEqual(["0", "0"]);
  });

  test("settles: a refresh finds the very inputs that were given", async () => {
    const read = await provider.read!("parameters", state);
    expect(read.inputs).toEqual(inputs());
    expect(read.props).toEqual(state);
  });
});

describe("an update", () => {
  test("puts what needs a reload in force on every member, and restarts nothing", async () => {
    const before = await startTimes();
    const own = { work_mem: "8MB", "auto_explain.log_min_duration": "300ms", log_line_prefix: "it's %m\\ " };
    await update(inputs(own));
    for (const [name, value] of Object.entries(own)) {
      expect(await onAll(`SELECT current_setting('${name}')`)).toEqual([value, value]);
    }
    expect(state!.pendingRestart).toEqual([]);
    expect(await startTimes()).toEqual(before);
  });

  test("lists what needs a restart as pending, and forgets it when it is taken back", async () => {
    const before = await startTimes();
    await update(inputs({ shared_buffers: "192MB", max_connections: "150", work_mem: "4MB" }));
    const pending = (member: string) => [
      { member, parameter: "max_connections", current: "200", wanted: "150" },
      { member, parameter: "shared_buffers", current: "256MB", wanted: "192MB" },
    ];
    expect(state!.pendingRestart).toEqual([...pending("postgres-1"), ...pending("postgres-2")]);
    expect(state!.inForce).toMatchObject({ shared_buffers: "256MB", work_mem: "4MB" });

    await update(inputs());
    expect(state!.pendingRestart).toEqual([]);
    expect(await startTimes()).toEqual(before);
  });

  test("of texts of any kind: each is in force as it was written, or refused at preview", async () => {
    // Texts that mean nothing to the server itself.
    const free = ["log_line_prefix", "application_name"];
    await assertOfMany(hostileText, 60, async (given) => {
      const taken = free.map((name): [string, string[]] => [name, []]);
      for (const [i, text] of given.entries()) {
        const [name, texts] = taken[i % taken.length]!;
        const { values, faults } = validateParameters({ [name]: text });
        if (faults.length > 0) {
          expect(faults[0]!.allowed).toMatch(/^text of one line( in ASCII, of at most 63 characters)?$/);
          expect(text).toMatch(
            name === "application_name" ? /[^ -~]|.{64}/ : /[\p{Cc}\p{Surrogate}\u2028\u2029]/u,
          );
        } else texts.push(values[name]!);
      }
      const rounds = Math.min(4, ...taken.map(([, texts]) => texts.length));
      expect(rounds).toBeGreaterThan(0);
      for (let round = 0; round < rounds; round++) {
        const own = Object.fromEntries(taken.map(([name, texts]) => [name, texts[round]!]));
        await update(inputs(own));
        for (const [name, value] of Object.entries(own)) {
          // A session that says who it is overrules the server's own name for it.
          expect(await shown(name), name).toEqual([value, value]);
        }
      }
    });
    await update(inputs());
  });

  test("that the server refuses says which value, and the former ones are in force again", async () => {
    const before = await startTimes();
    await update(inputs({ work_mem: "9MB" }));
    const bad = { work_mem: "10MB", TimeZone: "'; DROP TABLE x; --" };
    await expect(update(inputs(bad))).rejects.toThrow(
      `PostgreSQL refuses TimeZone = "'; DROP TABLE x; --"; invalid value for parameter "TimeZone": "'; DROP TABLE x; --". ` +
        "The former parameters are in force again. " +
        "Set acgs-db:postgres.parameters.TimeZone to a value that it takes, and run the update again.",
    );
    await vi.waitFor(
      async () => {
        expect(await onAll("SHOW work_mem")).toEqual(["9MB", "9MB"]);
        const refused = "SELECT count(*) FROM pg_file_settings WHERE setting LIKE '%DROP TABLE%'";
        expect(await onAll(refused)).toEqual(["0", "0"]);
      },
      { timeout: 30_000, interval: 200 },
    );
    await update(inputs());
    expect(await startTimes()).toEqual(before);
  });

  test("takes out what is no longer wanted, and sets access rules and Patroni's own settings", async () => {
    await update(inputs({ enable_seqscan: "off" }));
    expect(await onAll("SHOW enable_seqscan")).toEqual(["off", "off"]);
    const rules = [
      ...ACCESS_RULES.slice(0, 2),
      "host all nobody 192.0.2.1/32 reject",
      ...ACCESS_RULES.slice(2),
    ];
    await update(
      inputs({}, { accessRules: rules, clusterRules: { ...clusterRules(2, "off"), loop_wait: 3 } }),
    );
    expect(await onAll("SHOW enable_seqscan")).toEqual(["on", "on"]);
    const hba =
      "SELECT count(*) FROM pg_hba_file_rules WHERE user_name = '{nobody}' AND auth_method = 'reject'";
    expect(await onAll(hba)).toEqual(["1", "1"]);
    expect(await patroni().configuration()).toMatchObject({ loop_wait: 3, failsafe_mode: true });
    await update(inputs());
  });

  test("says which parameter is overruled by ALTER SYSTEM, and how to end that", async () => {
    const primary =
      (await query("postgres-1", "SELECT pg_is_in_recovery()"))[0] === "false" ? "postgres-1" : "postgres-2";
    await query(primary, "ALTER SYSTEM SET work_mem = '3MB'");
    await expect(update(inputs({ work_mem: "5MB" }))).rejects.toThrow(
      /work_mem.*ALTER SYSTEM RESET work_mem/s,
    );
    await query(primary, "ALTER SYSTEM RESET work_mem");
    await update(inputs());
  });
});

describe("a change by hand", () => {
  test("shows on refresh, and the next update takes it back", async () => {
    await patroni().patch({
      loop_wait: 4,
      postgresql: { parameters: { work_mem: "9MB", jit: null, geqo: "off" } },
    });
    // A member answers from what it saw in its last round, up to loop_wait ago.
    await vi.waitFor(async () => expect(await patroni().configuration()).toMatchObject({ loop_wait: 4 }), {
      timeout: 30_000,
      interval: 200,
    });
    const read = await provider.read!("parameters", state);
    expect(read.inputs).toMatchObject({
      appliedByReload: { work_mem: "9MB", geqo: "off" },
      clusterRules: { loop_wait: 4 },
    });
    expect(read.inputs!.appliedByReload).not.toHaveProperty("jit");

    state = read.props;
    await update(inputs());
    expect(await onAll("SHOW geqo")).toEqual(["on", "on"]);
    expect((await provider.read!("parameters", state)).inputs).toEqual(inputs());
  });
});

describe("a member that is away", () => {
  test("makes the update fail with its name, and no password", async () => {
    await cluster.docker("pause", cluster.container("postgres-2"));
    try {
      const failure = await update(inputs({ work_mem: "6MB" })).catch((error: Error) => error.message);
      expect(failure).toMatch(/not in force everywhere \(postgres-2: /);
      expect(failure).not.toContain(cluster.restPassword);
      const read = await provider.read!("parameters", state);
      expect(read.inputs).toMatchObject({ appliedByReload: { work_mem: "6MB" } });
    } finally {
      await cluster.docker("unpause", cluster.container("postgres-2"));
    }
    await update(inputs({ work_mem: "6MB" }));
    expect(await onAll("SHOW work_mem")).toEqual(["6MB", "6MB"]);
  });
});

describe("internal logins", () => {
  /** Logs in with a certificate of these names, the first its common name. Returns the user, or why it was refused. */
  async function letIn(user: string, database: string, names?: string[]): Promise<string> {
    const files = names && (await tlsFiles(...names));
    const shown = files && { cert: files[TLS_FILE.certificate]!, key: files[TLS_FILE.key]! };
    const { host, port } = cluster.members[primary]!;
    const client = new pg.Client({ host, port, user, database, ssl: { ca: testAuthority, ...shown } });
    client.on("error", () => undefined);
    try {
      await client.connect();
      return (await client.query<{ who: string }>("SELECT current_user AS who")).rows[0]!.who;
    } catch (error) {
      return (error as Error).message;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  let primary: string;

  beforeAll(async () => {
    primary = (await patroni().leader())!;
    await query(primary, `CREATE ROLE ${PGBOUNCER_LOGIN} LOGIN`);
    await query(primary, `CREATE DATABASE ${DATABASE}`);
  });

  test("log in by a certificate of their containers, and have no password", async () => {
    expect(await letIn("rewind", "postgres", ["postgres-1"])).toBe("rewind");
    expect(await letIn("rewind", "postgres", ["postgres-12"])).toBe("rewind");
    expect(await letIn(PGBOUNCER_LOGIN, DATABASE, ["pgbouncer-2"])).toBe(PGBOUNCER_LOGIN);
    const logins = `'replicator', 'rewind', '${PGBOUNCER_LOGIN}'`;
    const open = `SELECT rolname FROM pg_authid WHERE rolname IN (${logins}) AND rolpassword IS NOT NULL`;
    expect(await query(primary, open)).toEqual([]);
  });

  test.each([
    [undefined],
    [["pgbouncer-1"]],
    [["haproxy-1"]],
    // Other names than the first are those that an operator may add.
    [["redis-1", "postgres-1"]],
    [["postgres-"]],
    [["postgres-1.example"]],
    [["not-postgres-1"]],
  ])("turn away a stranger who shows %j", async (names) => {
    const refused = /^(certificate authentication failed|connection requires a valid client certificate)/;
    expect(await letIn("rewind", "postgres", names)).toMatch(refused);
    if (names?.[0] !== "pgbouncer-1") expect(await letIn(PGBOUNCER_LOGIN, DATABASE, names)).toMatch(refused);
  });

  test("get to nothing else", async () => {
    for (const [user, database] of [
      ["replicator", "postgres"],
      ["replicator", DATABASE],
      ["rewind", DATABASE],
      [PGBOUNCER_LOGIN, "postgres"],
    ] as const) {
      const names = [user === PGBOUNCER_LOGIN ? "pgbouncer-1" : "postgres-1"];
      expect(await letIn(user, database, names)).toMatch(/^pg_hba\.conf rejects connection/);
    }
  });
});

function patroni(): Patroni {
  return new Patroni(cluster.members, REST_USER, [cluster.restPassword]);
}
