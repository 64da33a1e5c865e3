import { buffer } from "node:stream/consumers";
import { send } from "../../lib/docker/client.ts";
import { DockerError, EngineUnreachable } from "../../lib/docker/errors.ts";
import { inspectImage } from "../../lib/docker/images.ts";

/** The engine of a stack whose file names no other, and the one that set-up starts where none answers. */
export const LOCAL_ENGINE = "unix:///var/run/docker.sock";
const ANSWER_TIMEOUT = 10_000;

/** How an engine answers: it works, this user may not use it, or nothing is there. */
export type EngineState = "answers" | "forbidden" | "absent";

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
