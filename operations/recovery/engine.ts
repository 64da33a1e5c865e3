import { isDeepStrictEqual } from "node:util";
import {
  inspectContainer,
  listContainers,
  removeContainer as remove,
  startContainer as start,
  stopContainer,
  unpauseContainer,
} from "../../lib/docker/containers.ts";
import { Conflict, NotFound } from "../../lib/docker/errors.ts";
import { listImages } from "../../lib/docker/images.ts";
import {
  inspectNetwork,
  listNetworks,
  removeNetwork as removeFromEngine,
} from "../../lib/docker/networks.ts";
import { listVolumes } from "../../lib/docker/volumes.ts";
import { ifInTime, pause, waitFor } from "../../lib/wait.ts";
import type { SeenContainer, SeenEngine, SeenNetwork } from "./containers.ts";

/** What an engine has under a prefix. @throws Error when the engine does not answer */
export async function lookAtEngine(endpoint: string, prefix: string): Promise<SeenEngine> {
  const [containers, networks, volumes] = await Promise.all([
    listContainers(endpoint, { name: `^${prefix}-` }),
    listNetworks(endpoint, `^${prefix}$`),
    listVolumes(endpoint, `^${prefix}-`),
  ]);
  return {
    containers: containers.map(({ Id: id, Names, State: state, Status: status }) => ({
      ...{ id, state, status },
      name: Names[0]?.slice(1) ?? "",
    })),
    networks: networks.map(({ Id: id, Name: name }) => ({ id, name })),
    volumes: volumes.map(({ Name }) => Name),
  };
}

/** What tells a run's own containers and networks from those of another copy of the project under the same names. */
export interface OwnRun {
  /** When the interrupted run began, in ms since 1970. */
  since: number;
  /** Ids of the networks in the state. */
  networks: ReadonlySet<string>;
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
  const isOwn = ({ RepoTags }: { RepoTags?: string[] | null }) =>
    (RepoTags ?? []).some((tag) => tag.startsWith("acgs-db/"));
  const ownImages = new Set((await listImages(endpoint)).filter(isOwn).map(({ Id }) => Id));
  const found = await Promise.all(
    containers.map(({ id }) => inspectContainer({ docker: endpoint, container: id })),
  );
  return containers.filter((_, i) => {
    const one = found[i];
    if (!one) return false;
    const ids = Object.values(one.NetworkSettings.Networks).map(({ NetworkID }) => NetworkID);
    const onOwnNetwork = ids.every((id) => id === "" || networks.has(id));
    return ownImages.has(one.Image) && Date.parse(one.Created) >= since && onOwnNetwork;
  });
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
  const address = { docker: endpoint, container: id };
  let conflict: Conflict | undefined;
  try {
    await stopContainer(address);
    await remove(address);
  } catch (error) {
    // A killed run has removed it, or is at it.
    if (error instanceof Conflict) conflict = error;
    else if (!(error instanceof NotFound)) throw error;
  }
  // One that a killed run is removing has its name until it is gone.
  await waitFor(async () => !(await isThere(endpoint, id)), {
    within: SETTLED_WITHIN,
    every: APART,
    what: `container ${name} to be removed`,
    remedy: conflict?.message ?? "Look at the engine, and run the command again.",
  });
}

async function isThere(endpoint: string, id: string): Promise<boolean> {
  return (await listContainers(endpoint, { id })).length > 0;
}

/** Removes a network that the interrupted run has made and no container is on. @returns false for any other */
export async function removeNetwork(
  { since }: OwnRun,
  endpoint: string,
  { id }: SeenNetwork,
): Promise<boolean> {
  const found = await inspectNetwork(endpoint, id);
  if (!found) return true;
  if (Object.keys(found.Containers ?? {}).length > 0 || Date.parse(found.Created) < since) return false;
  await removeFromEngine(endpoint, id);
  return true;
}

/** Starts a container that is stopped, and lets one that is paused go on. */
export async function startContainer(endpoint: string, { id, state }: SeenContainer): Promise<void> {
  const address = { docker: endpoint, container: id };
  await (state === "paused" ? unpauseContainer(address) : start(address));
}
