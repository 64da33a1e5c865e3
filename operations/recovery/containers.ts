import { isOwnContainer } from "../../lib/parts.ts";
import { TYPE } from "../../lib/pulumi/types.ts";
import { endpointIn, nameOf, prefixOf } from "../../lib/pulumi/deployment.ts";
import { resourcesOf, type Deployment, type StateResource } from "../../lib/pulumi/deployment.ts";

/** A container as the engine lists it. */
export interface SeenContainer {
  id: string;
  name: string;
  /** `running`, `exited`, `created`, `paused`, `restarting`, `dead`. */
  state: string;
  /** Such as `Up 3 minutes (healthy)`. */
  status: string;
}

export interface SeenNetwork {
  id: string;
  name: string;
}

/** What an engine has under the stack's prefix. */
export interface SeenEngine {
  containers: SeenContainer[];
  networks: SeenNetwork[];
  /** By name. */
  volumes: string[];
}

/** A container, network or volume of the state, beside what its engine has. */
export interface DockerResource {
  resource: StateResource;
  kind: "container" | "network" | "volume";
  /** Name on the engine. */
  name: string;
  endpoint: string;
  /** Whether the engine has it. */
  there: boolean;
  /** Of a container that is there. */
  seen?: SeenContainer;
}

/** Where a stack's containers are: the endpoints of all Docker providers in its state. */
export function endpointsOf(deployment: Deployment): string[] {
  const urls = (deployment.resources ?? [])
    .filter(({ type }) => type === TYPE.dockerProvider)
    .map(({ inputs }) => inputs?.["host"]);
  return [...new Set(urls.filter((url): url is string => typeof url === "string"))];
}

const KINDS = { [TYPE.container]: "container", [TYPE.network]: "network", [TYPE.volume]: "volume" } as const;

/** All containers, networks and volumes of the state beside what their engines have. Engines that were not looked at are left out. */
export function dockerResources(
  deployment: Deployment,
  engines: ReadonlyMap<string, SeenEngine>,
): DockerResource[] {
  return Object.entries(KINDS).flatMap(([type, kind]) =>
    resourcesOf(deployment, type).flatMap((resource) => {
      const endpoint = endpointIn(deployment, resource);
      const engine = endpoint === undefined ? undefined : engines.get(endpoint);
      if (endpoint === undefined || engine === undefined) return [];
      const given = resource.inputs?.["name"];
      const name = typeof given === "string" ? given : nameOf(resource.urn);
      const seen = engine.containers.find(({ id }) => id === resource.id);
      const there = {
        container: () => seen !== undefined,
        network: () => engine.networks.some(({ id }) => id === resource.id),
        volume: () => engine.volumes.includes(name),
      }[kind]();
      return [{ resource, kind, name, endpoint, there, ...(kind === "container" && seen && { seen }) }];
    }),
  );
}

/** Containers that are there and do not run. One that Docker is restarting is left to Docker. */
export function stoppedContainers(all: readonly DockerResource[]): DockerResource[] {
  return all.filter(({ seen }) => seen && !["running", "restarting", "removing"].includes(seen.state));
}

/**
 * Containers under names of the stack's own that its state does not know: made by a run that was ended before it could
 * note them down. They block the next update, which wants their names.
 */
export function strayContainers(deployment: Deployment, engine: SeenEngine): SeenContainer[] {
  const prefix = prefixOf(deployment);
  if (prefix === undefined) return [];
  const known = new Set(
    (deployment.resources ?? []).filter(({ type }) => type === TYPE.container).map(({ id }) => id),
  );
  return engine.containers.filter(({ id, name }) => !known.has(id) && isOwnContainer(prefix, name));
}

/** Networks of the stack's name that its state does not know. */
export function strayNetworks(deployment: Deployment, engine: SeenEngine): SeenNetwork[] {
  const prefix = prefixOf(deployment);
  const known = new Set(
    (deployment.resources ?? []).filter(({ type }) => type === TYPE.network).map(({ id }) => id),
  );
  return engine.networks.filter(({ id, name }) => name === prefix && !known.has(id));
}
