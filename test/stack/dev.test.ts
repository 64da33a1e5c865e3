import { appendFile, readFile, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { inspect } from "node:util";
import { openSession } from "../../lib/postgres/session.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pause } from "../../lib/wait.ts";
import { z } from "zod";
import { ACCOUNTS, SERVICE_SCHEMAS } from "../../lib/names.ts";
import type { StackOutputs } from "../../components/stack/outputs.ts";
import { sbom } from "../../cli/sbom.ts";
import { shippedConfiguration } from "../../testing/stackConfiguration.ts";
import { docker } from "../support/engine.ts";
import { type Secret, secretsOf } from "../support/secrets.ts";
import type { Step } from "../support/steps.ts";
import { PASSPHRASE, TestStack } from "../support/testStack.ts";
import { createAuthority } from "../../components/security/x509.ts";
import { IMAGES } from "../../components/docker/imageNames.ts";
import { etcdAnswers } from "./etcdAccess.ts";
import { FIRST_WORDS, inPlain } from "./plaintext.ts";
import { direct, query, redisClient, valueOf } from "../../testing/clients.ts";
import { eventually } from "../../testing/eventually.ts";
import { engineTexts, leaks, type Readable, serverTexts, stateFiles, watching } from "./readable.ts";

// One stack through its life, with the configuration of the dev stack. The order of the tests is part of it.

const billSchema = z.object({
  bomFormat: z.literal("CycloneDX"),
  specVersion: z.literal("1.6"),
  metadata: z.object({ component: z.object({ type: z.literal("container"), name: z.string() }) }),
  components: z.array(
    z.object({
      "bom-ref": z.string(),
      name: z.string(),
      version: z.string(),
      purl: z
        .string()
        .regex(/^pkg:(deb\/debian|pypi)\/[a-z0-9.%-]+@[\w.:~%!-]+(\?[\w=&.:~%-]+)?$/i)
        .optional(),
    }),
  ),
});

let stack: TestStack;
let outputs: StackOutputs;

/** Names and operations of a run, for an exact comparison. */
const summary = (steps: Step[]) => steps.map(({ op, name }) => `${op} ${name}`).sort();

/** The ids of all containers: one that was replaced has another. */
async function containerIds(): Promise<Record<string, string>> {
  const lines = (await docker(["ps", "--no-trunc", "--format", "{{.Names}} {{.ID}}"])).trim().split("\n");
  const own = lines.map((line) => line.split(" ")).filter(([name]) => name!.startsWith(`${stack.prefix}-`));
  return Object.fromEntries(own.map(([name, id]) => [name!.slice(stack.prefix.length + 1), id!]));
}

/** Container names whose id is not what it was. */
function replaced(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(after)
    .filter((name) => before[name] !== after[name])
    .sort();
}

async function primary(): Promise<{ name: string; host: string; port: number }> {
  for (const member of outputs.postgres.members) {
    const url = direct(outputs.services.acgs_user.url, member);
    if ((await valueOf(url, "SELECT pg_is_in_recovery()")) === false) return member;
  }
  throw new Error("no primary");
}

const dgm = () => outputs.services.dgm_service.url;

/** Fails when one of the rows, keys and partitions written at the beginning is gone. */
async function expectDataStillThere(): Promise<void> {
  expect(
    await valueOf(
      dgm(),
      "SELECT count(*)::int FROM dgm.performance_metrics WHERE service_name = 'stack-test'",
    ),
  ).toBe(1000);
  expect(
    await valueOf(dgm(), "SELECT count(*)::int FROM dgm.dgm_archive WHERE description = 'stack-test'"),
  ).toBe(10);
  const redis = redisClient(outputs);
  try {
    await eventually("all keys are read back", async () => {
      const values = await Promise.all(Array.from({ length: 100 }, (_, i) => redis.get(`stack-test:${i}`)));
      return values.every((value, i) => value === String(i));
    });
  } finally {
    redis.disconnect();
  }
}

beforeAll(async () => {
  stack = await TestStack.create(shippedConfiguration("dev"));
});

afterAll(async () => {
  await stack?.end();
});

describe("up from nothing", () => {
  it("makes everything, and puts out what the contract says", async () => {
    const steps = await stack.up();
    expect(new Set(steps.map(({ op }) => op))).toEqual(new Set(["create"]));
    outputs = await stack.outputs();
    expect(Object.keys(await containerIds()).sort()).toEqual([
      "etcd-1",
      "haproxy-1",
      "pgbouncer-1",
      "postgres-1",
      "postgres-2",
      "redis-1",
      "redis-2",
      "redis-3",
      "redis-4",
      "redis-5",
      "redis-6",
    ]);
  });

  it("has no secret in the state's files, in what the engine and the servers tell, or in a log", async () => {
    const secrets = secretsOf(await stack.export());
    const kinds = (kind: string) => secrets.filter((secret) => secret.kind === kind).length;
    // For each account, and the seed of the internal accounts' later ones; for each container and the authority; of settings, Redis'
    // peers and its users.
    expect(kinds("password")).toBe(ACCOUNTS.length + 1);
    expect(kinds("verifier")).toBe(ACCOUNTS.length + 1);
    expect(kinds("private key")).toBe(12);
    expect(kinds("key")).toBeGreaterThan(3);
    const values = secrets.map(({ value }) => value);
    for (const { url } of [outputs.monitor, outputs.readonly, ...Object.values(outputs.services)])
      expect(values).toContain(new URL(url).password);
    expect(values).toContain(outputs.redis.password);
    expect(await leaksNow(secrets)).toEqual([]);
  });

  it("answers nobody in plain, outside or inside its network", async () => {
    const at = (words: Buffer) => (port: number) => ({ port, words });
    const ports = [
      ...[outputs.writer.port, stack.get<{ postgres: number }>("ports").postgres].map(
        at(FIRST_WORDS.postgresql),
      ),
      ...outputs.postgres.members.map(({ port }) => port).map(at(FIRST_WORDS.postgresql)),
      ...outputs.postgres.members.map(({ rest }) => Number(new URL(rest).port)).map(at(FIRST_WORDS.http)),
      ...outputs.redis.nodes.map(({ port }) => port).map(at(FIRST_WORDS.redis)),
    ];
    // An answer of PostgreSQL's or PgBouncer's that is not `E`, an error, would be a dialogue.
    for (const { port, words } of ports)
      expect(await inPlain("127.0.0.1", port, words), String(port)).toMatch(/^(E[^]*(SSL|encryption)[^]*)?$/);

    const redisPort = outputs.redis.nodes[0]!.port;
    const places = [
      ...[
        "etcd-1 2379",
        "etcd-1 2380",
        "etcd-1 2381",
        "etcd-1 2382",
        "haproxy-1 8404",
        "haproxy-1 8405",
        "haproxy-1 9999",
      ],
      ...["postgres-1 8008", "postgres-2 8008", `redis-1 ${redisPort}`, `redis-1 ${redisPort + 10_000}`],
    ];
    const script = `while read -r host port; do
        answer=$({ exec 3<>/dev/tcp/$host/$port && printf 'GET /health HTTP/1.0\\r\\n\\r\\n' >&3 && timeout 3 head -c 12 <&3; } 2> /dev/null)
        printf '%s %s: %q\\n' "$host" "$port" "$answer"
      done <<< '${places.join("\n")}'`;
    const image = (await docker(["inspect", "--format", "{{.Image}}", stack.container("postgres-1")])).trim();
    const answers = await docker([
      "run",
      "--rm",
      "--network",
      stack.prefix,
      "--entrypoint",
      "bash",
      image,
      "-c",
      script,
    ]);
    // Go's server says in plain only that it speaks TLS (400); all others hang up.
    for (const line of answers.trim().split("\n"))
      expect(line).toMatch(/: ('' |''|HTTP\/1\.0\\ 400|\$'.*')$/);
    expect(answers).not.toMatch(/ 200/);
  }, 120_000);

  it("admits clients with a PostgreSQL member's certificate to etcd, and peers with etcd's own", async () => {
    const asked = await Promise.all(
      IMAGES.map(async (kind) => [kind, await etcdAnswers(stack.prefix, kind)] as const),
    );
    const [client, peer] = ["HTTP/1.0 200 OK on 2379", "HTTP/1.0 200 OK on 2380"];
    expect(Object.fromEntries(asked)).toEqual({
      ...{ etcd: [peer], postgres: [client], haproxy: [], pgbouncer: [], redis: [] },
    });
  });

  it("is trusted by clients that have its authority, and by no other", async () => {
    const url = new URL(dgm());
    expect(url.searchParams.get("sslmode")).toBe("verify-full");
    const { hostname: host, username: user, pathname } = url;
    const password = decodeURIComponent(url.password);
    const at = { host, port: Number(url.port), database: pathname.slice(1), user, password };
    const { certificate } = await createAuthority("another", 1);
    const told = (ca: string) => query({ ...at, ssl: { ca } }, "SELECT 1");
    await expect(told(certificate)).rejects.toThrow(/certificate|self-signed|signature/i);
    expect(await told(outputs.tls.authority)).toHaveLength(1);
  });

  it("runs nothing as root, with a capability or on a file system that it can write", async () => {
    const names = Object.keys(await containerIds()).map((alias) => stack.container(alias));
    interface Inspected {
      Name: string;
      Config: { User: string };
      HostConfig: {
        ReadonlyRootfs: boolean;
        CapAdd: string[] | null;
        CapDrop: string[];
        SecurityOpt: string[];
        Privileged: boolean;
      };
    }
    for (const { Name, Config, HostConfig } of JSON.parse(
      await docker(["inspect", ...names]),
    ) as Inspected[]) {
      expect(Config.User, Name).toMatch(/^85\d:85\d$/);
      expect(HostConfig, Name).toMatchObject({
        ...{ ReadonlyRootfs: true, CapDrop: ["ALL"], Privileged: false },
        SecurityOpt: ["no-new-privileges:true"],
      });
      expect(HostConfig.CapAdd ?? [], Name).toEqual([]);
      const alias = Name.slice(1);
      expect((await docker(["exec", alias, "id", "-u"])).trim(), Name).not.toBe("0");
      const key = await docker([
        "exec",
        alias,
        "stat",
        "--format",
        "%a",
        "/run/acgs/tls/certificate.pem.key",
      ]);
      expect(key.trim(), Name).toBe("600");
    }
  });

  it("has images that say what is in them, as `npm run sbom` writes it", async () => {
    const folder = join(stack.directory, "sbom");
    expect(await sbom.run([folder])).toBe(0);
    const format = "${Package} ${Version}\\n";
    for (const image of IMAGES) {
      const bill = billSchema.parse(JSON.parse(await readFile(join(folder, `${image}.cdx.json`), "utf8")));
      expect(bill.metadata.component.name).toBe(`acgs-db/${image}`);
      expect(new Set(bill.components.map((one) => one["bom-ref"])).size).toBe(bill.components.length);
      const of = (start: string) =>
        bill.components
          .filter(({ purl }) => purl?.startsWith(start))
          .map(({ name, version }) => `${name} ${version}`);
      const container = stack.container(`${image}-1`);
      const packages = await docker(["exec", container, "dpkg-query", "--show", "--showformat", format]);
      expect(of("pkg:deb/debian/").sort()).toEqual(packages.trim().split("\n").sort());
      if (image === "postgres") expect(of("pkg:pypi/")).toContain("patroni 4.1.5");
      else expect(of("pkg:pypi/")).toEqual([]);
    }
  });

  it("lets every login write through PgBouncer and read from a replica", async () => {
    for (const [login, { url, readUrl }] of Object.entries(outputs.services)) {
      expect(await query(url, "SELECT current_user, current_database(), pg_is_in_recovery()")).toEqual([
        { current_user: login, current_database: "acgs_db", pg_is_in_recovery: false },
      ]);
      expect(await valueOf(readUrl, "SELECT pg_is_in_recovery()")).toBe(true);
    }
    expect(await valueOf(outputs.monitor.url, "SELECT current_user::text")).toBe("acgs_monitor");
    expect(new URL(outputs.services.acgs_user.url).pathname).toBe(`/${outputs.writer.database}`);
    expect(new URL(outputs.services.acgs_user.readUrl).pathname).toBe(`/${outputs.reader.database}`);
  });

  it("refuses a wrong password and a internal login", async () => {
    const url = new URL(dgm());
    url.password = "wrong-password-0000";
    await expect(query(url.href, "SELECT 1")).rejects.toThrow(/SASL authentication failed/);
    url.username = "postgres";
    await expect(query(url.href, "SELECT 1")).rejects.toThrow(/no such user|SASL authentication failed/);
    // Past PgBouncer there is no line for the superuser, and nothing to compare a password with.
    const past = new URL(direct(url.href, outputs.postgres.members[0]!));
    await expect(query(past.href, "SELECT 1")).rejects.toThrow(/pg_hba\.conf rejects connection/);
    const password = "SELECT 1 FROM pg_authid WHERE rolname = 'postgres' AND rolpassword IS NOT NULL";
    const member = stack.container(outputs.postgres.members[0]!.name);
    expect(await docker(["exec", member, "psql", "-qAtX", "--command", password])).toBe("");
  });

  it("has the parameters it says in force on every member, and none pending", async () => {
    expect(outputs.postgres.members).toHaveLength(2);
    expect(outputs.postgres.pendingRestart).toEqual([]);
    const names = Object.keys(outputs.postgres.parameters);
    expect(names.length).toBeGreaterThan(40);
    for (const member of outputs.postgres.members) {
      const url = direct(outputs.monitor.url, member);
      const rows = await query<{ name: string; value: string; source: string; pending: boolean }>(
        url,
        `SELECT name, current_setting(name) AS value, source, pending_restart AS pending FROM pg_settings
         WHERE name IN (${names.map((name) => `'${name}'`).join(", ")})`,
      );
      // The monitor's own role has others of some.
      const ofRole = rows.filter(({ source }) => source === "user").map(({ name }) => name);
      for (const name of ofRole) expect(name).toMatch(/^(idle_in_transaction_session_timeout|pgaudit\..+)$/);
      const own = new Map(ofRole.map((name) => [name, outputs.postgres.parameters[name]]));
      const inForce = Object.fromEntries(rows.map(({ name, value }) => [name, own.get(name) ?? value]));
      expect(inForce, member.name).toEqual(outputs.postgres.parameters);
      expect(
        rows.filter(({ pending }) => pending),
        member.name,
      ).toEqual([]);
    }
    expect(await valueOf(direct(outputs.monitor.url, await primary()), "SHOW server_version")).toContain(
      outputs.postgres.version,
    );
  });

  it("streams to the replica", async () => {
    const rows = await query(
      direct(outputs.monitor.url, await primary()),
      "SELECT application_name::text, state FROM pg_stat_replication",
    );
    expect(rows).toEqual([
      { application_name: expect.stringMatching(/^postgres-[12]$/), state: "streaming" },
    ]);
  });

  it("answers a Redis cluster client that knows only the outputs", async () => {
    const redis = redisClient(outputs);
    try {
      await Promise.all(Array.from({ length: 100 }, (_, i) => redis.set(`stack-test:${i}`, i)));
      const info = await redis.cluster("INFO");
      expect(info).toContain("cluster_state:ok");
      expect(info).toContain("cluster_size:3");
      await eventually("the client knows every node", () =>
        Promise.resolve(redis.nodes("master").length === 3 && redis.nodes("slave").length === 3),
      );
      await expect(redis.config("GET", "maxmemory")).rejects.toThrow("NOPERM");
      expect(await redis.info("server")).toContain(`redis_version:${outputs.redis.version}`);
    } finally {
      redis.disconnect();
    }
  });

  it("has applied the files of sql/, each with its hash", async () => {
    expect(outputs.sql.pending).toEqual([]);
    expect(new Set(outputs.sql.applied.map(({ schema }) => schema))).toEqual(
      new Set(["platform", ...SERVICE_SCHEMAS]),
    );
    for (const { schema, file, sha256 } of outputs.sql.applied.filter(({ file }) => file.startsWith("V"))) {
      const content = await readFile(join(stack.directory, "sql", schema, file));
      expect(createHash("sha256").update(content).digest("hex"), file).toBe(sha256);
    }
  });

  it("puts out the requirements' cache times", () => {
    expect(outputs.cache).toEqual({
      userSessions: 1800,
      authTokens: 3600,
      policyDecisions: 300,
      governanceRules: 3600,
      staticConfiguration: 86400,
      apiResponses: 600,
      complianceChecks: 900,
      synthesisResults: 1200,
    });
  });

  it("takes a service's rows, with prepared statements in transaction pooling", async () => {
    const clients = await Promise.all(Array.from({ length: 20 }, () => openSession({ at: dgm() })));
    const text = `INSERT INTO dgm.performance_metrics (service_name, metric_type, metric_name, metric_value)
                  VALUES ('stack-test', 'latency', $1, $2)`;
    await Promise.all(
      clients.map(async (client, c) => {
        for (let i = 0; i < 50; i++)
          await client.query({ name: "insert-metric", text, values: [`m${c}`, i] });
        await client.end();
      }),
    );
    await query(
      dgm(),
      "INSERT INTO dgm.dgm_archive (description) SELECT 'stack-test' FROM generate_series(1, 10)",
    );
    await expectDataStillThere();
    await expect(query(dgm(), "CREATE TABLE dgm.of_a_service (a int)")).rejects.toThrow("permission denied");
    await expect(query(outputs.services.auth_service.url, "SELECT 1 FROM dgm.dgm_archive")).rejects.toThrow(
      "permission denied",
    );
  });
});

/** Secrets that can be read where they must not be, in all that the stack shows now and that Pulumi has said so far. */
async function leaksNow(secrets: readonly Secret[], more: Readable = {}): Promise<string[]> {
  const texts = { ...(await engineTexts(stack)), ...(await serverTexts(stack, outputs)), ...more };
  return leaks({ ...texts, ...(await stateFiles(stack)), "what Pulumi has said": stack.said }, secrets);
}

describe("a second up", () => {
  it("changes nothing, and the preview says so", async () => {
    expect(await stack.preview()).toEqual([]);
    const run = await stack.tryUp();
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/Resources:\s+\d+ unchanged/);
    expect(run.stdout).not.toMatch(/updated|replaced|created|deleted/);
  });
});

describe("a changed configuration", () => {
  it("that needs a reload is in force when up ends, and touches one resource", async () => {
    const before = await containerIds();
    await stack.configure({
      postgres: { ...stack.get<object>("postgres"), parameters: { work_mem: "3MB", random_page_cost: 2 } },
    });
    const text = await stack.previewText();
    expect(text).toMatch(/appliedByReload/);
    expect(text).toMatch(/work_mem\s*: "[^"]+" => "3MB"/);
    expect(text).not.toMatch(/pendingUntilRestart|appliedByRollingRestart/);
    expect(summary(await stack.up())).toEqual(["update parameters"]);
    expect(replaced(before, await containerIds())).toEqual([]);
    outputs = await stack.outputs();
    for (const member of outputs.postgres.members) {
      const url = direct(outputs.monitor.url, member);
      expect(await valueOf(url, "SHOW work_mem")).toBe("3MB");
      expect(await valueOf(url, "SHOW random_page_cost")).toBe("2");
    }
    expect(outputs.postgres.parameters.work_mem).toBe("3MB");
    expect(outputs.postgres.pendingRestart).toEqual([]);
    await expectDataStillThere();
  });

  it("that needs a restart is pending and listed, and restarts nothing", async () => {
    const started = "SELECT pg_postmaster_start_time()::text";
    const url = direct(outputs.monitor.url, await primary());
    const before = await valueOf(url, started);
    await stack.configure({
      postgres: { ...stack.get<object>("postgres"), parameters: { max_locks_per_transaction: 256 } },
    });
    const text = await stack.previewText();
    expect(text).toMatch(/pendingUntilRestart/);
    expect(text).toMatch(/max_locks_per_transaction\s*: "128" => "256"/);
    expect(summary(await stack.up())).toEqual(["update parameters"]);
    outputs = await stack.outputs();
    expect(outputs.postgres.pendingRestart).toEqual(
      ["postgres-1", "postgres-2"].map((member) => ({
        member,
        parameter: "max_locks_per_transaction",
        current: "128",
        wanted: "256",
      })),
    );
    expect(await valueOf(url, started)).toBe(before);
    expect(await valueOf(url, "SHOW max_locks_per_transaction")).toBe("128");
    expect(await stack.preview()).toEqual([]);
    await expectDataStillThere();
  });

  it("of a pool is a reload of PgBouncer, under clients that stay connected", async () => {
    const before = await containerIds();
    const client = await openSession({ at: dgm() });
    await stack.configure({
      pgbouncer: { instances: 1, pools: { dgm_service: { size: 12, reserve: 3, maxClients: 44 } } },
    });
    expect(await stack.previewText()).toMatch(/size\s*: 10 => 12/);
    // A login may have as many sessions as its pool has clients.
    const roles = ["update role-dgm_service", "update role-dgm_service_2"];
    expect(summary(await stack.up()).sort()).toEqual(["update pools", ...roles]);
    expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
    await client.end();
    expect(replaced(before, await containerIds())).toEqual([]);
    outputs = await stack.outputs();
    expect(outputs.services.dgm_service.pool).toEqual({ size: 12, reserve: 3, maxClients: 44 });
    const console_ = new URL(outputs.monitor.url);
    console_.pathname = "/pgbouncer";
    const pools = await query<{ name: string; pool_size: number }>(console_.href, "SHOW DATABASES");
    expect(pools.find(({ name }) => name === "dgm_service")?.pool_size).toBe(12);
    await expectDataStillThere();
  });

  it("of a service's password is its role's when up ends, and no container shows in the preview", async () => {
    const before = await containerIds();
    const old = dgm();
    const oldSecrets = secretsOf(await stack.export());
    await stack.configureSecret("passwords.dgm_service", `correct-'"\\%$-battery`);
    await stack.configure({});
    expect(await stack.previewText()).toContain("role-dgm_service");
    const { result: steps, watched } = await watching(stack, outputs, () => stack.up());
    expect(summary(steps)).toContain("update role-dgm_service");
    // Its user in Redis has the same one.
    const types = ["Passwords", "Role", "LoginsInForce", "ContainerFiles", "RedisClusterState"];
    expect(new Set(steps.map(({ type }) => type))).toEqual(new Set(types));
    outputs = await stack.outputs();
    expect(decodeURIComponent(new URL(dgm()).password)).toBe(`correct-'"\\%$-battery`);
    expect(await valueOf(dgm(), "SELECT current_user::text")).toBe("dgm_service");
    const refused = await query(old, "SELECT 1").catch((error: Error) => error);
    expect(refused).toMatchObject({ message: expect.stringMatching(/SASL authentication failed/) as string });
    expect(replaced(before, await containerIds())).toEqual([]);
    await expectDataStillThere();

    const { processes, configuration, ...texts } = watched;
    expect(processes).toBeGreaterThan(3);
    expect(texts.commands).toContain("pulumi");
    expect(texts.environments).toContain(PASSPHRASE);
    expect(texts.statements).toContain("pg_stat_activity");
    const secrets = [...secretsOf(await stack.export()), ...oldSecrets];
    expect(secrets.map(({ value }) => value)).toContain(`correct-'"\\%$-battery`);
    // Pulumi hands the program the operator's own secrets in its environment. Those that were generated are not among them.
    expect(configuration).toContain("acgs-db:passwords");
    const generated = secrets.filter(({ value }) => !value.includes("correct-"));
    expect(leaks({ configuration }, generated)).toEqual([]);
    const error = inspect(refused, { depth: 10, showHidden: true });
    expect(await leaksNow(secrets, { ...texts, "a refused connection": error })).toEqual([]);
  });

  it("of Redis' memory is set on the running nodes", async () => {
    const before = await containerIds();
    await stack.configure({ redis: { masters: 3, replicasPerMaster: 1, maxMemoryMb: 96, maxClients: 120 } });
    const steps = await stack.up();
    expect(new Set(steps.map(({ op }) => op))).toEqual(new Set(["update"]));
    expect(replaced(before, await containerIds())).toEqual([]);
    const limit = await docker(["inspect", "--format", "{{.HostConfig.Memory}}", stack.container("redis-1")]);
    expect(Number(limit)).toBeGreaterThan(96 * 1024 * 1024);
    expect(await stack.preview()).toEqual([]);
    await expectDataStillThere();
  });
});

describe("changed SQL", () => {
  it("applies a new versioned file and a changed repeatable one, and nothing else", async () => {
    const directory = join(stack.directory, "sql/dgm");
    const versions = outputs.sql.applied.filter(
      ({ schema, file }) => schema === "dgm" && file.startsWith("V"),
    );
    const next = `V${String(versions.length + 1).padStart(3, "0")}__stack_test.sql`;
    await writeFile(
      join(directory, next),
      "CREATE TABLE dgm.stack_test (id int PRIMARY KEY);\nINSERT INTO dgm.stack_test VALUES (1);\n",
    );
    await appendFile(join(directory, "R__views.sql"), "\n-- changed by a test\n");
    const text = await stack.previewText();
    expect(text).toContain(next);
    expect(text).toContain("R__views.sql");
    expect(text).not.toContain("V001__");
    expect(summary(await stack.up())).toEqual(["update sql-dgm"]);
    // Nobody but the owner may read what the table of privileges does not know.
    const ask = ["psql", "-qAtX", "--command", "SELECT id FROM dgm.stack_test", "acgs_db"];
    const member = stack.container((await primary()).name);
    expect((await docker(["exec", "--user", "postgres", member, ...ask])).trim()).toBe("1");
    outputs = await stack.outputs();
    expect(outputs.sql.applied.map(({ file }) => file)).toContain(next);
    expect(await stack.preview()).toEqual([]);
    await expectDataStillThere();
  });

  it("that fails names file, line and spot, and the next up tries again", async () => {
    const file = join(stack.directory, "sql/dgm/R__stack_test.sql");
    await writeFile(file, "SELECT 1;\nSELECT no_such_column FROM dgm.stack_test;\n");
    const failed = await stack.tryUp();
    expect(failed.status).not.toBe(0);
    expect(failed.stdout + failed.stderr).toMatch(/R__stack_test\.sql:2:8/);
    expect(failed.stdout + failed.stderr).toMatch(/no_such_column/);
    await writeFile(file, "SELECT 1;\nSELECT id FROM dgm.stack_test;\n");
    expect(summary(await stack.up())).toEqual(["update sql-dgm"]);
    await expectDataStillThere();
  });

  it("in a versioned file that was applied is refused at preview", async () => {
    const file = join(stack.directory, "sql/dgm/V001__improvements.sql");
    const original = await readFile(file, "utf8");
    await writeFile(file, `${original}\n-- edited\n`);
    const run = await stack.tryPreview();
    expect(run.status).not.toBe(0);
    expect(run.stdout + run.stderr).toContain("V001__improvements.sql");
    await writeFile(file, original);
    expect(await stack.preview()).toEqual([]);
  });
});

describe("bad input", () => {
  it("is refused at preview with every fault at once, and nothing changes", async () => {
    const before = await containerIds();
    const good = { postgres: stack.get("postgres"), redis: stack.get("redis") };
    await stack.configure({
      postgres: {
        ...(good.postgres as object),
        members: 9,
        parameters: { work_memm: "1MB", listen_addresses: "*", random_page_cost: -1 },
      },
      redis: { masters: 2 },
    });
    const { status, stdout, stderr } = await stack.tryPreview();
    expect(status).not.toBe(0);
    for (const key of [
      "postgres.members",
      "redis.masters",
      "postgres.parameters.work_memm",
      "postgres.parameters.listen_addresses",
      "postgres.parameters.random_page_cost",
    ]) {
      expect(stdout + stderr).toContain(`acgs-db:${key}`);
    }
    await stack.configure(good);
    expect(replaced(before, await containerIds())).toEqual([]);
    expect(await stack.preview()).toEqual([]);
  });

  it("that would end badly half-way is refused too", async () => {
    const good = { ports: stack.get<Record<string, number>>("ports"), etcd: stack.get("etcd") };
    await stack.configure({
      ports: { ...good.ports, redis: good.ports["redis"]! + 1 },
      etcd: { members: 3 },
    });
    const { status, stdout, stderr } = await stack.tryPreview();
    expect(status).not.toBe(0);
    expect(stdout + stderr).toContain("Set acgs-db:etcd.members back to 1.");
    expect(stdout + stderr).toContain("acgs-db:ports.redis would move by less than the ports it takes");
    await stack.configure(good);
    expect(await stack.preview()).toEqual([]);
  });
});

describe("a changed image", () => {
  it("replaces its containers one after the other, and the rows are still there", async () => {
    const before = await containerIds();
    for (const image of ["postgres", "redis"]) {
      await appendFile(
        join(stack.directory, "images", image, "Dockerfile"),
        '\nLABEL org.acgs.test="rebuilt"\n',
      );
    }
    const steps = await stack.preview();
    expect(steps.filter(({ type }) => type === "Volume")).toEqual([]);
    expect(steps.filter(({ op }) => op.includes("delete") && !op.includes("replace"))).toEqual([]);
    const { stdout: text } = await stack.tryPreview();
    const position = (what: string, name: string) => text.indexOf(`docker:index:Container ${name} ${what}`);
    for (const [first, second] of [
      ["postgres-1", "postgres-2"],
      ["redis-1", "redis-2"],
      ["redis-5", "redis-6"],
    ] as const) {
      expect(position("create replacement", first)).toBeGreaterThan(0);
      expect(position("delete original", second)).toBeGreaterThan(position("create replacement", first));
    }

    const fewest = { postgres: Infinity, redis: Infinity };
    let watching = true;
    const watch = (async () => {
      while (watching) {
        const names = Object.keys(await containerIds());
        for (const kind of ["postgres", "redis"] as const) {
          const running = names.filter((name) => name.startsWith(`${kind}-`)).length;
          fewest[kind] = Math.min(fewest[kind], running);
        }
        await pause(100);
      }
    })();
    await stack.up();
    watching = false;
    await watch;
    expect(fewest).toEqual({ postgres: 1, redis: 5 });
    expect(replaced(before, await containerIds())).toEqual([
      "postgres-1",
      "postgres-2",
      "redis-1",
      "redis-2",
      "redis-3",
      "redis-4",
      "redis-5",
      "redis-6",
    ]);
    await eventually("the writer answers again", () => valueOf(dgm(), "SELECT true"));
    await expectDataStillThere();
    expect(await stack.preview()).toEqual([]);
    // What waited for a restart is in force now, since every member was started anew.
    expect(
      await valueOf(direct(outputs.monitor.url, await primary()), "SHOW max_locks_per_transaction"),
    ).toBe("256");
  });
});

describe("destroy", () => {
  it("comes after a life in which no secret was told", async () => {
    expect(await leaksNow(secretsOf(await stack.export()))).toEqual([]);
  });

  it("leaves nothing of the stack on the engine", async () => {
    expect(await stack.destroy()).toEqual([]);
  });
});
