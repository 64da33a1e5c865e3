import { request } from "node:http";
import { capture } from "../../lib/process.ts";

const DEFAULT_SOCKET = "/var/run/docker.sock";
const ANSWER_TIMEOUT = 10_000;

/** How an engine answers: it works, this user may not use it, or nothing is there. */
export type EngineState = "answers" | "forbidden" | "absent";

/** The Docker engine that the commands of this machine speak to: DOCKER_HOST, else the default socket. */
export function engineEndpoint(env: NodeJS.ProcessEnv = process.env): string {
  return env["DOCKER_HOST"] || `unix://${DEFAULT_SOCKET}`;
}

/** Whether an engine answers. A local one is asked on its socket, which takes a millisecond; starting a client takes 50. */
export async function engineState(endpoint: string): Promise<EngineState> {
  const socket = socketOf(endpoint);
  if (socket) {
    const answer = await get(socket, "/_ping");
    if (answer === "EACCES" || answer === "EPERM") return "forbidden";
    return answer === 200 ? "answers" : "absent";
  }
  const client = await capture("docker", ["-H", endpoint, "version", "--format", "{{.Server.Version}}"], {
    timeout: 15_000,
  });
  return client.status === 0 ? "answers" : "absent";
}

/** Whether the engine has an image of that name. */
export async function hasImage(endpoint: string, image: string): Promise<boolean> {
  const socket = socketOf(endpoint);
  if (socket) return (await get(socket, `/images/${image}/json`)) === 200;
  const client = await capture("docker", ["-H", endpoint, "image", "inspect", image], { timeout: 30_000 });
  return client.status === 0;
}

/** The path of a `unix://` endpoint; undefined for any other. */
export function socketOf(endpoint: string): string | undefined {
  return endpoint.startsWith("unix://") ? endpoint.slice("unix://".length) : undefined;
}

/** The HTTP status of a request on a local socket, or the code of the error that prevented one. */
function get(socketPath: string, path: string): Promise<number | string> {
  return new Promise((resolve) => {
    const call = request({ socketPath, path, timeout: ANSWER_TIMEOUT }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    });
    call.on("timeout", () => call.destroy(new Error("no answer")));
    call.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    call.end();
  });
}
