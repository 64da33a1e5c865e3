import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type pg from "pg";
import { openSession } from "../../../lib/postgres/session.ts";
import { eventually } from "../../../testing/eventually.ts";
import { buildImage } from "../../../testing/images.ts";
import { freePorts } from "../../../testing/ports.ts";
import type { TestDatabase } from "../../support/sqlDatabase.ts";

/** A database on a server of its own, whose data is on disk with fsync on: it may be killed, and comes back. */
export interface DurableDatabase extends TestDatabase {
  /** Kills all processes of the server at once, and starts it again under the same address. */
  killAndRestart(): Promise<void>;
}

const docker = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)("docker", args)).stdout.trim();

/** Starts the server; `drop` removes it. Sessions that a kill has ended have to be opened anew. */
export async function createDurableDatabase(): Promise<DurableDatabase> {
  const name = `acgs-sqltest-${randomBytes(4).toString("hex")}`;
  const password = randomBytes(12).toString("hex");
  // A restarted container gets the same port again only if it was named.
  const port = await freePorts(1);
  await docker(
    // By this label the next test server removes one whose process was killed (testing/server.ts).
    ...["create", "--name", name, "--label", `acgs-sqltest.pid=${process.pid}`, "--init"],
    ...["--publish", `127.0.0.1:${port}:5432`, "--shm-size", "256m", "--stop-signal", "SIGINT"],
    ...["--env", "POSTGRES_PASSWORD_FILE=/opt/acgs-test/password", await buildImage("postgres")],
    ...["postgres-without-patroni", "-c", "shared_buffers=256MB"],
  );
  const remove = (): void =>
    void spawnSync("docker", ["rm", "--force", "--volumes", name], { stdio: "ignore" });
  process.once("exit", remove);
  const clients: pg.Client[] = [];
  const connection = { host: "127.0.0.1", port, database: "loaded", user: "postgres", password };
  const connect = async (as = { user: "postgres", password }, database = "loaded"): Promise<pg.Client> => {
    const client = await openSession({ at: { ...connection, ...as, database } });
    clients.push(client);
    return client;
  };
  const start = async (database: string): Promise<void> => {
    await docker("start", name);
    const client = await eventually("the server answers", () => connect(undefined, database));
    await client.end();
  };
  const directory = await mkdtemp(join(tmpdir(), "acgs-sqltest-"));
  await mkdir(join(directory, "acgs-test"));
  await writeFile(join(directory, "acgs-test", "password"), password, { mode: 0o644 });
  await docker("cp", join(directory, "acgs-test"), `${name}:/opt/`);
  await rm(directory, { recursive: true });
  await start("postgres");
  const admin = await connect(undefined, "postgres");
  // No autovacuum, unless a test wants one.
  await admin.query("ALTER SYSTEM SET autovacuum_naptime = '1h'");
  await admin.query("SELECT pg_reload_conf()");
  await admin.query("CREATE ROLE acgs_owner");
  await admin.query("CREATE DATABASE loaded OWNER acgs_owner");
  return {
    connection,
    password,
    connect,
    async killAndRestart() {
      await docker("kill", name);
      await start("loaded");
    },
    async drop() {
      for (const client of clients) await client.end().catch(() => undefined);
      remove();
      process.removeListener("exit", remove);
    },
  };
}
