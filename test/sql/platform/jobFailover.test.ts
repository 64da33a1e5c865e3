import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSession } from "../../../lib/postgres/session.ts";
import { eventually } from "../../../testing/eventually.ts";
import { buildImage } from "../../../testing/images.ts";
import { freePorts } from "../../../testing/ports.ts";
import { rows } from "../../../testing/sqlServer.ts";

// Two servers as Patroni has them, one of which streams from the other. The test is of pg_cron alone, so it
// promotes without Patroni.
const prefix = `acgs-failover-test-${randomBytes(3).toString("hex")}`;
const password = randomBytes(12).toString("hex");
const LIMITS = { within: 80_000, every: 300 };
const names = ["primary", "standby"] as const;
const container = (name: (typeof names)[number]): string => `${prefix}-${name}`;
const docker = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)("docker", args)).stdout.trim();
const clean = (): void => {
  spawnSync("docker", ["rm", "--force", "--volumes", ...names.map(container)], { stdio: "ignore" });
  spawnSync("docker", ["network", "rm", prefix], { stdio: "ignore" });
};
const SETTINGS = ["shared_preload_libraries=pg_cron", "cron.use_background_workers=on", "fsync=off"];
const COMMAND = ["postgres-without-patroni", ...SETTINGS.flatMap((setting) => ["-c", setting])];

let port: number;
let primary: pg.Client;
let standby: pg.Client;

beforeAll(async () => {
  process.once("exit", clean);
  port = await freePorts(2);
  await docker("network", "create", prefix);
  await start("primary", port, COMMAND);
  primary = await connect(port);
  await primary.query("CREATE EXTENSION pg_cron; CREATE TABLE ran (at timestamptz, timeline text)");
  await primary.query(
    `SELECT cron.schedule('each-minute', '* * * * *',
       'INSERT INTO ran VALUES (clock_timestamp(), left(pg_walfile_name(pg_current_wal_lsn()), 8))')`,
  );
  await primary.query("SELECT cron.schedule('endless', '* * * * *', 'SELECT pg_sleep(600)')");
  const copy = "PGPASSWORD=$(cat $POSTGRES_PASSWORD_FILE) pg_basebackup -h primary -U postgres -R -c fast -D";
  await start("standby", port + 1, [
    ...["bash", "-c", `${copy} /var/lib/postgresql/data/pgdata && exec "$@"`, "bash", ...COMMAND],
  ]);
  standby = await connect(port + 1);
});
afterAll(() => {
  process.removeListener("exit", clean);
  clean();
});

test(
  "jobs run on the primary, after a failover on the new one, and each minute once",
  { timeout: 170_000 },
  async () => {
    // Both have begun on the primary, and the standby has heard of it.
    await eventually(
      "the job has run",
      async () => (await rows(standby, "SELECT 1 FROM ran")).length === 1,
      LIMITS,
    );
    await eventually("the endless job runs", async () => (await running()).length === 1, LIMITS);
    expect(
      await rows(
        standby,
        "SELECT pg_is_in_recovery(), count(*)::int FROM pg_stat_activity WHERE backend_type LIKE 'pg_cron%'",
      ),
    ).toEqual([[true, 0]]);

    await docker("kill", container("primary"));
    await standby.query("SELECT pg_promote()");
    // The run that the crash has ended does not count as running for ever.
    await eventually("no job runs", async () => (await running()).length === 0, LIMITS);
    expect(
      await rows(
        standby,
        "SELECT status, return_message, end_time FROM cron.job_run_details WHERE command LIKE '%sleep%'",
      ),
    ).toEqual([["failed", "server restarted", null]]);
    await standby.query("SELECT cron.unschedule('endless')");

    await eventually(
      "the job has run again",
      async () => (await rows(standby, "SELECT 1 FROM ran")).length === 2,
      LIMITS,
    );
    expect(await rows(standby, "SELECT timeline FROM ran ORDER BY at")).toEqual(["00000001", "00000002"]);
    expect(await rows(standby, "SELECT count(DISTINCT date_trunc('minute', at))::int FROM ran")).toEqual([2]);
  },
);

const running = (): Promise<unknown[]> =>
  rows(standby, "SELECT 1 FROM cron.job_run_details WHERE status = 'running' AND command LIKE '%sleep%'");

async function start(name: (typeof names)[number], at: number, command: string[]): Promise<void> {
  await docker(
    ...["create", "--init", "--name", container(name), "--network", prefix, "--network-alias", name],
    ...["--publish", `127.0.0.1:${at}:5432`],
    ...["--env", "POSTGRES_PASSWORD_FILE=/opt/acgs-test/password", await buildImage("postgres"), ...command],
  );
  const directory = await mkdtemp(join(tmpdir(), "acgs-failover-test-"));
  try {
    await mkdir(join(directory, "acgs-test"));
    await writeFile(join(directory, "acgs-test", "password"), password);
    await docker("cp", join(directory, "acgs-test"), `${container(name)}:/opt/`);
  } finally {
    await rm(directory, { recursive: true });
  }
  await docker("start", container(name));
}

async function connect(port: number): Promise<pg.Client> {
  const login = { host: "127.0.0.1", user: "postgres", password, database: "postgres" };
  return eventually("the server answers", () => openSession({ at: { ...login, port } }), { within: 80_000 });
}
