import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { ask, type ContainerAddress, hijack, pathOf, send } from "./client.ts";
import { CommandStream } from "./commandStream.ts";
import type { ContainerConfig } from "./containerConfig.ts";
import { createContainer, removeContainer } from "./containers.ts";

/** A container's own command, from its making to its end: what `docker run --rm --interactive` does. */
export class RunStream extends CommandStream {
  private readonly config: ContainerConfig;
  private readonly within: number;
  private exit: Promise<number> | undefined;

  /** @param within  ms that the command may take */
  constructor(address: ContainerAddress, config: ContainerConfig, within: number) {
    super(address, config.Entrypoint?.[0] ?? config.Cmd?.[0] ?? config.Image);
    this.config = config;
    this.within = within;
  }

  protected override async start(): Promise<Duplex> {
    const { docker, container } = this.address;
    await createContainer(this.address, {
      ...this.config,
      ...{ AttachStdin: true, AttachStdout: true, AttachStderr: true, OpenStdin: true, StdinOnce: true },
      HostConfig: { ...this.config.HostConfig, AutoRemove: true },
    });
    try {
      const query = { stream: true, stdin: true, stdout: true, stderr: true };
      const path = pathOf`/containers/${container}/attach`;
      const socket = await hijack(docker, { method: "POST", path, query });
      await this.listen();
      await ask(docker, { method: "POST", path: pathOf`/containers/${container}/start` });
      return socket;
    } catch (error) {
      await removeContainer(this.address).catch(() => undefined);
      throw error;
    }
  }

  /** Done when the engine knows that its end is waited for: a container that has ended is removed with its status. */
  private async listen(): Promise<void> {
    const { docker, container } = this.address;
    const path = pathOf`/containers/${container}/wait`;
    await new Promise<void>((resolve, reject) => {
      const call = { method: "POST" as const, path, query: { condition: "next-exit" }, within: this.within };
      this.exit = send(docker, call, async (body) => {
        resolve();
        return (JSON.parse(await text(body)) as { StatusCode: number }).StatusCode;
      });
      this.exit.catch(reject);
    });
  }

  protected override status(): Promise<number> {
    return this.exit!;
  }
}

/** A container's command answers, or ends, within this time. In ms. */
const ENDS_WITHIN = 60_000;

/**
 * Runs a container's own command to its end; the container is removed then.
 *
 * @returns its standard output
 * @throws CommandFailed  with the end of its standard error
 * @throws NotFound  where the image is not there
 * @throws EngineUnreachable | EngineTimeout  where it is not known what became of it
 */
export async function runContainer(
  docker: string,
  config: ContainerConfig,
  { name = `acgs-run-${randomBytes(6).toString("hex")}`, within = ENDS_WITHIN } = {},
): Promise<string> {
  const stream = new RunStream({ docker, container: name }, config, within).open();
  stream.end();
  return text(stream);
}
