import type { ContainerConfig } from "./containerConfig.ts";
import { buffer } from "node:stream/consumers";
import { ask, type Call, type ContainerAddress, pathOf, send } from "./client.ts";
import { demultiplexer } from "./demultiplex.ts";
import { Conflict, NotFound, NotRunning } from "./errors.ts";

/** What an engine tells of a container, as far as this project asks. */
export interface ContainerInfo {
  Id: string;
  /** With a slash before it. */
  Name: string;
  /** When it was made, as `2026-11-29T21:50:07.123456789Z`. */
  Created: string;
  /** Id of its image. */
  Image: string;
  State: {
    /** Such as `running`, `restarting` or `exited`. */
    Status: string;
    Running: boolean;
    Paused: boolean;
    ExitCode: number;
    /** As `2026-11-29T21:50:07.123456789Z`. */
    StartedAt: string;
    /** `starting`, `healthy` or `unhealthy`; absent where it has no health check. */
    Health?: { Status: string } | null;
  };
  /** How often the engine has started it again because it ended. */
  RestartCount: number;
  HostConfig: {
    CpuShares: number;
    Memory: number;
    PortBindings?: Record<string, { HostIp: string; HostPort: string }[] | null> | null;
  };
  NetworkSettings: {
    Networks: Record<string, { NetworkID: string; IPAddress: string }>;
    Ports?: Record<string, { HostIp: string; HostPort: string }[] | null> | null;
  };
}

/** A container; undefined where the engine has none of that name. @throws where the engine does not tell */
export function inspectContainer({
  docker,
  container,
}: ContainerAddress): Promise<ContainerInfo | undefined> {
  return unlessAbsent(ask<ContainerInfo>(docker, { path: pathOf`/containers/${container}/json` }));
}

/** What was asked for; undefined where the engine has none. */
export async function unlessAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}

/** Those of the containers that run; one that is not there does not. @throws where an engine does not tell */
export async function running<T extends ContainerAddress>(containers: readonly T[]): Promise<T[]> {
  const states = await Promise.all(containers.map((one) => inspectContainer(one)));
  return containers.filter((_, i) => states[i]?.State.Running === true);
}

/** A container in the engine's list. */
export interface ListedContainer {
  Id: string;
  /** With a slash before each. */
  Names: string[];
  /** Such as `running`. */
  State: string;
  /** In words, such as `Up 3 minutes`. */
  Status: string;
  Labels: Record<string, string>;
  /** Published ones have a `PublicPort`. */
  Ports?: { IP?: string; PublicPort?: number; Type: string }[] | null;
}

/** All containers, those that are stopped too. @param name  a regular expression */
export function listContainers(
  docker: string,
  filters: { name?: string; id?: string; label?: string } = {},
): Promise<ListedContainer[]> {
  const given = Object.entries(filters).map(([key, value]) => [key, [value]] as const);
  const query = { all: true, filters: Object.fromEntries(given) };
  return ask(docker, { path: "/containers/json", query });
}

/** Sends a signal, such as `HUP`, to a container's first process. @throws NotFound | NotRunning */
export async function signalContainer(address: ContainerAddress, signal: string): Promise<void> {
  try {
    await change(address, "kill", { query: { signal } });
  } catch (error) {
    throw error instanceof Conflict ? new NotRunning(address.docker, error.reason, { cause: error }) : error;
  }
}

/** Starts a container; nothing where it runs. */
export function startContainer(address: ContainerAddress): Promise<void> {
  return change(address, "start", { within: 120_000 });
}

/** Time for the engine beside the container's own grace. In ms. */
const BESIDE_GRACE = 60_000;
/** No container of the project is made with a longer grace. In s. */
const LONGEST_GRACE = 600;

/** Stops a container; nothing where it does not run. @param seconds  its grace; that which it was made with unless it is given */
export function stopContainer(address: ContainerAddress, seconds?: number): Promise<void> {
  const within = (seconds ?? LONGEST_GRACE) * 1000 + BESIDE_GRACE;
  return change(address, "stop", { within, ...(seconds !== undefined && { query: { t: seconds } }) });
}

export function pauseContainer(address: ContainerAddress): Promise<void> {
  return change(address, "pause");
}

export function unpauseContainer(address: ContainerAddress): Promise<void> {
  return change(address, "unpause");
}

function change(
  { docker, container }: ContainerAddress,
  verb: string,
  call: Partial<Call> = {},
): Promise<void> {
  return ask(docker, { ...call, method: "POST", path: pathOf`/containers/${container}/${verb}` });
}

/** Makes a container and does not start it. @throws Conflict where the name is taken, NotFound where the image is not there */
export async function createContainer(
  { docker, container }: ContainerAddress,
  config: ContainerConfig,
): Promise<void> {
  const query = { name: container };
  await ask(docker, { method: "POST", path: "/containers/create", query, body: config });
}

/**
 * Removes a container, whether it runs or not, with its volumes that have no name; nothing where there is none.
 *
 * @throws Conflict where it is being removed already
 */
export async function removeContainer({ docker, container }: ContainerAddress): Promise<void> {
  const query = { force: true, v: true };
  const path = pathOf`/containers/${container}`;
  await unlessAbsent(ask(docker, { method: "DELETE", path, query, within: 120_000 }));
}

/** Unpacks a tar archive into a folder of a container, which need not run. */
export async function putArchive(
  { docker, container }: ContainerAddress,
  path: string,
  tar: Buffer,
): Promise<void> {
  await ask(docker, {
    method: "PUT",
    path: pathOf`/containers/${container}/archive`,
    query: { path },
    body: tar,
  });
}

/** The port of the host under which a container's port, such as `5432/tcp`, is published. @throws where it is not */
export async function publishedPort(address: ContainerAddress, port: string): Promise<number> {
  const found = (await inspectContainer(address))?.NetworkSettings.Ports?.[port]?.[0]?.HostPort;
  if (found === undefined) throw new Error(`${address.container} publishes no port ${port}.`);
  return Number(found);
}

/** The last lines that a container printed, on both of its outputs. */
export async function containerLog({ docker, container }: ContainerAddress, lines: number): Promise<string> {
  const query = { stdout: true, stderr: true, tail: lines };
  const framed = await send(docker, { path: pathOf`/containers/${container}/logs`, query }, buffer);
  const printed: Buffer[] = [];
  demultiplexer((_stream, data) => printed.push(data))(framed);
  return Buffer.concat(printed).toString();
}
