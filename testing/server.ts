import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { PRELOADED_LIBRARIES } from "../components/postgres/catalogue.ts";
import { isGone } from "../lib/liveness.ts";
import { inSession } from "../lib/postgres/session.ts";
import { eventually } from "./eventually.ts";
import { buildImage } from "./images.ts";

const docker = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)("docker", args)).stdout.trim();

/** A throwaway server; it listens on 127.0.0.1 only. */
export interface TestServer {
  host: string;
  port: number;
  /** Its container's name. */
  container: string;
  superuserPassword: string;
  stop: () => Promise<void>;
}

/** Says which process a test server belongs to, so that a later run finds what a killed one has left. */
const OWNER_LABEL = "acgs-sqltest.pid";
const READY_WITHIN_MS = 60_000;

/**
 * Starts PostgreSQL 15 in a container of the project's own image, with its data in memory and without fsync:
 * right for tests of SQL, not for figures.
 *
 * @param options.settings  parameters of the server on top of the tests' own
 */
export async function startServer(options: { settings?: Record<string, string> } = {}): Promise<TestServer> {
  await removeLeftovers();
  const name = `acgs-sqltest-${randomBytes(4).toString("hex")}`;
  const superuserPassword = randomBytes(12).toString("hex");
  const settings = {
    fsync: "off",
    shared_preload_libraries: PRELOADED_LIBRARIES.join(","),
    "cron.database_name": "postgres",
    max_connections: "200",
    ...options.settings,
  };
  await docker(
    ...["create", "--rm", "--name", name, "--label", `${OWNER_LABEL}=${process.pid}`, "--init"],
    ...["--publish", "127.0.0.1:0:5432", "--shm-size", "256m", "--stop-signal", "SIGINT"],
    ...["--env", "POSTGRES_PASSWORD_FILE=/opt/acgs-test/password", await buildImage("postgres")],
    ...[
      "postgres-without-patroni",
      ...Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]),
    ],
  );
  const kill = (): void =>
    void spawnSync("docker", ["rm", "--force", "--volumes", name], { stdio: "ignore" });
  process.once("exit", kill);
  try {
    await handPassword(name, superuserPassword);
    await docker("start", name);
    const address = await docker("port", name, "5432/tcp");
    const server = {
      host: "127.0.0.1",
      port: Number(address.split(":").at(-1)),
      container: name,
      superuserPassword,
    };
    await untilReady(server, name);
    const stop = async (): Promise<void> => {
      await docker("rm", "--force", "--volumes", name);
      process.removeListener("exit", kill);
    };
    return { ...server, stop };
  } catch (error) {
    kill();
    throw error;
  }
}

/** The image's init script reads it as the user postgres; the container is thrown away with it. */
async function handPassword(container: string, password: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "acgs-sqltest-"));
  try {
    await mkdir(join(directory, "acgs-test"));
    await writeFile(join(directory, "acgs-test", "password"), password, { mode: 0o644 });
    await docker("cp", join(directory, "acgs-test"), `${container}:/opt/`);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function untilReady(server: Omit<TestServer, "stop">, container: string): Promise<void> {
  const { host, port, superuserPassword: password } = server;
  const connection = { at: { host, port, user: "postgres", password, database: "postgres" } };
  // A server that is still starting breaks the connection, or refuses it.
  const answers = () => inSession(connection, async () => true);
  try {
    await eventually("the test server answers", answers, { within: READY_WITHIN_MS, every: 100 });
  } catch (error) {
    const log = await promisify(execFile)("docker", ["logs", "--tail", "30", container]).catch(
      () => undefined,
    );
    throw new Error(`the test server is not ready: ${(error as Error).message}\n${log?.stderr ?? ""}`, {
      cause: error,
    });
  }
}

/** Removes servers whose test process is gone: one that was killed could not do it. */
async function removeLeftovers(): Promise<void> {
  const list = await docker(
    "ps",
    "--all",
    "--filter",
    `label=${OWNER_LABEL}`,
    "--format",
    `{{.ID}} {{.Label "${OWNER_LABEL}"}}`,
  );
  for (const line of list.split("\n").filter(Boolean)) {
    const [id, pid] = line.split(" ");
    if (!id || !isGone(Number(pid))) continue;
    await docker("rm", "--force", "--volumes", id).catch(() => undefined);
  }
}
