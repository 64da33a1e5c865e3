import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { wasDropped } from "../../lib/environment.ts";
import { UserError } from "../../lib/errors.ts";
import { withLock } from "../../lib/lock.ts";
import { cacheDir } from "../../lib/paths.ts";
import { capture, endOfLog, runLogged } from "../../lib/process.ts";
import { step } from "../../lib/progress.ts";
import { ifInTime, waitFor } from "../../lib/wait.ts";
import { asRoot, installPackages } from "../system.ts";
import { stalePidFiles } from "./stalePids.ts";
import { engineState, type EngineState, LOCAL_ENGINE } from "./engine.ts";

const START_TIMEOUT = 60_000;

/**
 * A Docker engine that answers; the local one is started, or installed and started, where there is none.
 * @param endpoint  where the stack's engine is
 * @returns the endpoint
 * @throws Fault that says what to do, with the end of the engine's log when it did not start
 */
export async function ensureEngine(endpoint = LOCAL_ENGINE): Promise<string> {
  const state = await engineState(endpoint);
  if (state === "answers") return endpoint;
  if (state === "forbidden") throw new UserError(forbidden(endpoint));
  if (endpoint !== LOCAL_ENGINE) {
    throw new UserError(
      `No Docker engine answers at ${endpoint}, which acgs-db:hosts names. Start it, or correct the key.`,
    );
  }
  const elsewhere = ["DOCKER_HOST", "DOCKER_CONTEXT"].find(wasDropped);
  if (elsewhere !== undefined) {
    throw new UserError(
      `No Docker engine answers at ${endpoint}, and ${elsewhere} is not followed. Name that engine in the stack's file ` +
        `(acgs-db:hosts, \`docker\`), or unset ${elsewhere}: then a local engine is started.`,
    );
  }
  if (process.platform !== "linux") {
    throw new UserError(
      "No Docker engine is running. Start Docker Desktop (or another engine that serves /var/run/docker.sock) and try again.",
    );
  }
  await withLock("docker-engine", async () => {
    if ((await engineState(endpoint)) === "answers") return;
    if (!(await findDaemon())) {
      await installPackages("Docker engine: apt-get install", ["docker.io", "iptables"]);
      // On a machine with systemd the package has started the engine.
      if ((await settle(endpoint, 3_000)) === "answers") return;
    }
    await step("Docker engine: start", () => start(endpoint));
  });
  const now = await engineState(endpoint);
  if (now === "forbidden") throw new UserError(forbidden(endpoint));
  return endpoint;
}

async function start(endpoint: string): Promise<void> {
  const daemon = await findDaemon();
  if (!daemon) throw new UserError("dockerd is not installed");
  const prefix = await asRoot("start the Docker engine");
  let ended: () => string | undefined = () => undefined;
  if (existsSync("/run/systemd/system")) {
    const [command = "", ...args] = [...prefix, "systemctl", "start", "docker"];
    await runLogged(command, args, logFile());
  } else {
    const stale = stalePidFiles();
    if (stale.length > 0) {
      const [command = "", ...args] = [...prefix, "rm", "-f", ...stale];
      await runLogged(command, args, logFile());
    }
    ended = startDetached([...prefix, daemon]);
  }
  if ((await settle(endpoint, START_TIMEOUT, ended)) !== "absent") return;
  const why = ended() ?? `it does not answer after ${START_TIMEOUT / 1000} s`;
  throw new UserError(
    `The Docker engine did not start: ${why}. The end of ${logFile()}:\n${endOfLog(logFile())}`,
  );
}

/**
 * Starts the engine in a session of its own: it outlives this command, and holds neither its terminal nor its pipes.
 * @returns a function that says how it has ended, if it has
 */
function startDetached([command = "", ...args]: string[]): () => string | undefined {
  const log = openSync(logFile(), "w");
  const daemon = spawn(command, args, { cwd: "/", detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  let end: string | undefined;
  daemon.on("error", (error) => (end = error.message));
  daemon.on("exit", (code) => (end = `exit status ${code}`));
  daemon.unref();
  return () => end;
}

/** Waits until the engine answers (or refuses this user), for as many ms, or until it has ended. */
async function settle(
  endpoint: string,
  timeout: number,
  ended: () => string | undefined = () => undefined,
): Promise<EngineState> {
  const look = async () => {
    const state = await engineState(endpoint);
    return state !== "absent" || ended() !== undefined ? state : undefined;
  };
  const limits = { within: timeout, every: 200, what: `the Docker engine at ${endpoint} to answer` };
  return (await ifInTime(waitFor(look, limits))) ?? "absent";
}

async function findDaemon(): Promise<string | undefined> {
  const places = ["/usr/sbin/dockerd", "/usr/bin/dockerd", "/usr/local/bin/dockerd"];
  const found = places.find((path) => existsSync(path));
  if (found) return found;
  const onPath = await capture("sh", ["-c", "command -v dockerd"]);
  return onPath.status === 0 ? onPath.stdout.trim() : undefined;
}

function logFile(): string {
  mkdirSync(cacheDir, { recursive: true });
  return join(cacheDir, "dockerd.log");
}

function forbidden(endpoint: string): string {
  return (
    `A Docker engine is there (${endpoint}), but this user may not use it. ` +
    `Add the user to its group (sudo usermod -aG docker "$USER"), log in again and try once more.`
  );
}
