import { buffer } from "node:stream/consumers";
import { send } from "../../lib/docker/client.ts";
import { DockerError, EngineUnreachable } from "../../lib/docker/errors.ts";
import { inspectImage } from "../../lib/docker/images.ts";

const DEFAULT_SOCKET = "/var/run/docker.sock";
const ANSWER_TIMEOUT = 10_000;

/** How an engine answers: it works, this user may not use it, or nothing is there. */
export type EngineState = "answers" | "forbidden" | "absent";

/** The Docker engine that the commands of this machine speak to: DOCKER_HOST, else the default socket. */
export function engineEndpoint(env: NodeJS.ProcessEnv = process.env): string {
  return env["DOCKER_HOST"] || `unix://${DEFAULT_SOCKET}`;
}

/** Whether an engine answers. */
export async function engineState(endpoint: string): Promise<EngineState> {
  try {
    await send(endpoint, { path: "/_ping", within: ANSWER_TIMEOUT }, buffer);
    return "answers";
  } catch (error) {
    if (!(error instanceof DockerError)) throw error;
    const code = error instanceof EngineUnreachable ? error.code : undefined;
    return code === "EACCES" || code === "EPERM" ? "forbidden" : "absent";
  }
}

/** Whether the engine has an image of that name. @throws EngineUnreachable where it does not tell */
export async function hasImage(endpoint: string, image: string): Promise<boolean> {
  return (await inspectImage(endpoint, image)) !== undefined;
}
