import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { archive } from "../components/docker/archive.ts";
import { IMAGE_USERS } from "../components/docker/images.ts";
import { PRELOADED_LIBRARIES } from "../components/postgres/catalogue.ts";
import type { ContainerAddress } from "../lib/docker/client.ts";
import {
  containerLog,
  createContainer,
  listContainers,
  publishedPort,
  putArchive,
  removeContainer,
  startContainer,
} from "../lib/docker/containers.ts";
import { isGone } from "../lib/liveness.ts";
import { inSession } from "../lib/postgres/session.ts";
import { eventually } from "./eventually.ts";
import { buildImage, ENGINE } from "./images.ts";

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
  const address = { docker: ENGINE, container: name };
  await createContainer(address, {
    Image: await buildImage("postgres"),
    Cmd: [
      "postgres-without-patroni",
      ...Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]),
    ],
    Env: ["POSTGRES_PASSWORD_FILE=/opt/acgs-test/password"],
    Labels: { [OWNER_LABEL]: String(process.pid) },
    StopSignal: "SIGINT",
    ExposedPorts: { "5432/tcp": {} },
    HostConfig: {
      AutoRemove: true,
      Init: true,
      ShmSize: 256 << 20,
      PortBindings: { "5432/tcp": [{ HostIp: "127.0.0.1", HostPort: "0" }] },
    },
  });
  // A process that ends waits for nothing that is not over at once.
  const kill = (): void =>
    void spawnSync("docker", ["rm", "--force", "--volumes", name], { stdio: "ignore" });
  process.once("exit", kill);
  try {
    await handPassword(address, superuserPassword);
    await startContainer(address);
    const server = {
      host: "127.0.0.1",
      port: await publishedPort(address, "5432/tcp"),
      container: name,
      superuserPassword,
    };
    await untilReady(server, address);
    const stop = async (): Promise<void> => {
      await removeContainer(address);
      process.removeListener("exit", kill);
    };
    return { ...server, stop };
  } catch (error) {
    kill();
    throw error;
  }
}

/** The image's init script reads it as the user postgres; the container is thrown away with it. */
async function handPassword(container: ContainerAddress, password: string): Promise<void> {
  await putArchive(
    container,
    "/opt",
    await archive({ "acgs-test/password": password }, IMAGE_USERS.postgres),
  );
}

async function untilReady(server: Omit<TestServer, "stop">, container: ContainerAddress): Promise<void> {
  const { host, port, superuserPassword: password } = server;
  const connection = { at: { host, port, user: "postgres", password, database: "postgres" } };
  // A server that is still starting breaks the connection, or refuses it.
  const answers = () => inSession(connection, async () => true);
  try {
    await eventually("the test server answers", answers, { within: READY_WITHIN_MS, every: 100 });
  } catch (error) {
    const log = await containerLog(container, 30).catch(() => "");
    throw new Error(`the test server is not ready: ${(error as Error).message}\n${log}`, { cause: error });
  }
}

/** Removes servers whose test process is gone: one that was killed could not do it. */
async function removeLeftovers(): Promise<void> {
  for (const { Id, Labels } of await listContainers(ENGINE, { label: OWNER_LABEL })) {
    if (!isGone(Number(Labels[OWNER_LABEL]))) continue;
    await removeContainer({ docker: ENGINE, container: Id }).catch(() => undefined);
  }
}
