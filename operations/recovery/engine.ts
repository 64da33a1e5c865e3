import { isDeepStrictEqual } from "node:util";
import { dockerCommand } from "../../lib/docker.ts";
import { messageOf } from "../../lib/errors.ts";
import { ifInTime, pause, waitFor } from "../../lib/wait.ts";
import type { SeenContainer, SeenEngine, SeenNetwork } from "./containers.ts";

/** What an engine has under a prefix. @throws Error when the engine does not answer */
export async function lookAtEngine(endpoint: string, prefix: string): Promise<SeenEngine> {
  const lines = async (args: string[]) =>
    (await dockerCommand(endpoint, args))
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split("\t"));
  const [containers, networks, volumes] = await Promise.all([
    lines([
      ...["ps", "--all", "--no-trunc", "--filter", `name=^${prefix}-`],
      ...["--format", "{{.ID}}\t{{.Names}}\t{{.State}}\t{{.Status}}"],
    ]),
    lines([
      ...["network", "ls", "--no-trunc", "--filter", `name=^${prefix}$`],
      ...["--format", "{{.ID}}\t{{.Name}}"],
    ]),
    lines(["volume", "ls", "--filter", `name=^${prefix}-`, "--format", "{{.Name}}"]),
  ]);
  return {
    containers: containers.map(([id = "", name = "", state = "", status = ""]) => ({
      id,
      name,
      state,
      status,
    })),
    networks: networks.map(([id = "", name = ""]) => ({ id, name })),
    volumes: volumes.flat(),
  };
}

/** What tells a run's own containers and networks from those of another copy of the project under the same names. */
export interface OwnRun {
  /** When the interrupted run began, in ms since 1970. */
  since: number;
  /** Ids of the networks in the state. */
  networks: ReadonlySet<string>;
}

interface Inspected {
  Id: string;
  /** Id of its image. */
  Image: string;
  Created: string;
  NetworkSettings: { Networks: Record<string, { NetworkID: string }> };
}

/**
 * Of these containers, those that the interrupted run has made: of one of the project's images, since it began, and on
 * the network of its state (one that was never started is on none yet).
 */
export async function madeBy(
  { since, networks }: OwnRun,
  endpoint: string,
  containers: SeenContainer[],
): Promise<SeenContainer[]> {
  if (containers.length === 0) return [];
  const images = await dockerCommand(endpoint, [
    "images",
    "--no-trunc",
    "--format",
    "{{.ID}}\t{{.Repository}}",
  ]);
  const ownImages = new Set(
    images
      .split("\n")
      .map((line) => line.split("\t"))
      .filter(([, repository]) => repository?.startsWith("acgs-db/"))
      .map(([id]) => id),
  );
  const text = await dockerCommand(endpoint, ["inspect", ...containers.map(({ id }) => id)]);
  const own = (JSON.parse(text) as Inspected[]).filter((one) => {
    const ids = Object.values(one.NetworkSettings.Networks).map(({ NetworkID }) => NetworkID);
    const onOwnNetwork = ids.every((id) => id === "" || networks.has(id));
    return ownImages.has(one.Image) && Date.parse(one.Created) >= since && onOwnNetwork;
  });
  return containers.filter(({ id }) => own.some(({ Id }) => Id === id));
}

/** An engine may still be at what a killed run asked of it: a container is made, or goes, moments later. In ms. */
const SETTLED_WITHIN = 60_000;
const APART = 700;

/** What an engine has under a prefix once that no longer changes: nothing is on its way out, and two looks are the same. */
export async function lookWhenSettled(endpoint: string, prefix: string): Promise<SeenEngine> {
  let before = await lookAtEngine(endpoint, prefix);
  let now = before;
  const look = async () => {
    before = now;
    now = await lookAtEngine(endpoint, prefix);
    return isSame(before, now) && !now.containers.some(isGoing);
  };
  await pause(APART);
  const limits = { within: SETTLED_WITHIN, every: APART };
  // One that never comes to rest is taken as it was seen last.
  await ifInTime(waitFor(look, { ...limits, what: `the engine at ${endpoint} to settle` }));
  return now;
}

/** How long it runs does not matter. */
function isSame(one: SeenEngine, other: SeenEngine): boolean {
  const [a, b] = [one, other].map(({ containers, ...rest }) => ({
    ...rest,
    containers: containers.map(({ id, name, state }) => ({ id, name, state })),
  }));
  return isDeepStrictEqual(a, b);
}

function isGoing({ state }: SeenContainer): boolean {
  return state === "removing" || state === "dead";
}

/** Stops a container in the time that it was made with, and removes it. Its named volumes, with the data, stay; those without a name, which an image asks for, go. */
export async function removeContainer(endpoint: string, { id, name }: SeenContainer): Promise<void> {
  for (const args of [
    ["stop", id],
    ["rm", "--force", "--volumes", id],
  ]) {
    await dockerCommand(endpoint, args).catch((error: unknown) => {
      if (!/No such container|already in progress/.test(messageOf(error))) throw error;
    });
  }
  // One that a killed run is removing has its name until it is gone.
  await waitFor(async () => !(await isThere(endpoint, id)), {
    within: SETTLED_WITHIN,
    every: APART,
    what: `container ${name} to be removed`,
    remedy: "Look at the engine, and run the command again.",
  });
}

async function isThere(endpoint: string, id: string): Promise<boolean> {
  const found = await dockerCommand(endpoint, ["ps", "--all", "--quiet", "--filter", `id=${id}`]);
  return found.trim() !== "";
}

/** Removes a network that the interrupted run has made and no container is on. @returns false for any other */
export async function removeNetwork(
  { since }: OwnRun,
  endpoint: string,
  { id }: SeenNetwork,
): Promise<boolean> {
  const [found] = JSON.parse(await dockerCommand(endpoint, ["network", "inspect", id])) as [
    { Created: string; Containers: Record<string, unknown> },
  ];
  if (Object.keys(found.Containers).length > 0 || Date.parse(found.Created) < since) return false;
  await dockerCommand(endpoint, ["network", "rm", id]);
  return true;
}

/** Starts a container that is stopped, and lets one that is paused go on. */
export async function startContainer(endpoint: string, { id, state }: SeenContainer): Promise<void> {
  await dockerCommand(endpoint, [state === "paused" ? "unpause" : "start", id]);
}
