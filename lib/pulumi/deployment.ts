import { type HostEndpoint, hostOfProvider } from "../hosts.ts";

/** A resource in a stack's state, as `pulumi stack export` gives it. */
export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  /** URN and id of its provider. */
  provider?: string;
  dependencies?: string[];
  propertyDependencies?: Record<string, string[] | null>;
  deletedWith?: string;
  replaceWith?: string[];
  /** The old half of a replacement, which waits for its deletion. */
  delete?: boolean;
  /** Deleted before its replacement was made. */
  pendingReplacement?: boolean;
}

/** Something that was under way when a run ended without notice. */
export interface PendingOperation {
  type: "creating" | "updating" | "deleting" | "reading" | "importing";
  resource: StateResource;
}

export interface Deployment {
  resources?: StateResource[];
  pending_operations?: PendingOperation[];
}

export const CONTAINER = "docker:index/container:Container";
export const NETWORK = "docker:index/network:Network";
export const VOLUME = "docker:index/volume:Volume";
export const ROLE = "postgresql:index/role:Role";
export const DATABASE_TYPE = "postgresql:index/database:Database";
export const DOCKER_PROVIDER = "pulumi:providers:docker";
export const POSTGRESQL_PROVIDER = "pulumi:providers:postgresql";

/** The last part of a URN: the resource's name in the program. */
export function nameOf(urn: string): string {
  return urn.split("::").at(-1)!;
}

/** Resources of a type that are there: not those that were deleted for a replacement. */
export function resourcesOf({ resources = [] }: Deployment, type: string): StateResource[] {
  return resources.filter((one) => one.type === type && !one.pendingReplacement);
}

/** The Docker endpoint on which a resource lives, by its provider. */
export function endpointOf(deployment: Deployment, resource: StateResource): string | undefined {
  const urn = resource.provider?.slice(0, resource.provider.lastIndexOf("::"));
  const host = deployment.resources?.find((one) => one.urn === urn)?.inputs?.["host"];
  return typeof host === "string" ? host : undefined;
}

/** The stack's hosts, by their Docker providers. */
export function hostsIn(deployment: Deployment): HostEndpoint[] {
  return resourcesOf(deployment, DOCKER_PROVIDER).flatMap(({ urn, inputs }) => {
    const docker = inputs?.["host"];
    return typeof docker === "string" ? [{ name: hostOfProvider(nameOf(urn)), docker }] : [];
  });
}

/** What all containers, volumes and networks of the stack begin with; undefined while there can be none. */
export function prefixOf(deployment: Deployment): string | undefined {
  const all = [
    ...(deployment.resources ?? []),
    ...(deployment.pending_operations ?? []).map(({ resource }) => resource),
  ];
  const made = all.find(({ type }) => type === "pulumi-nodejs:dynamic/acgs:StackGuard")?.inputs?.["prefix"];
  const network = all.find(({ type }) => type === NETWORK)?.inputs?.["name"];
  return [made, network].find((prefix): prefix is string => typeof prefix === "string");
}

/**
 * The state without resources that are no longer there, and without what others say of them: they depended on the name,
 * and will again when the next update has made it anew.
 */
export function withoutResources<D extends Deployment>(deployment: D, gone: readonly StateResource[]): D {
  const resources = (deployment.resources ?? []).filter((one) => !gone.includes(one));
  const left = new Set(resources.map(({ urn }) => urn));
  const lost = new Set(gone.map(({ urn }) => urn).filter((urn) => !left.has(urn)));
  const kept = (urns: string[]) => urns.filter((urn) => !lost.has(urn));
  return {
    ...deployment,
    resources: resources.map((one) => ({
      ...one,
      ...(one.dependencies && { dependencies: kept(one.dependencies) }),
      ...(one.replaceWith && { replaceWith: kept(one.replaceWith) }),
      ...(one.propertyDependencies && {
        propertyDependencies: Object.fromEntries(
          Object.entries(one.propertyDependencies).map(([key, urns]) => [key, urns && kept(urns)]),
        ),
      }),
      ...(one.deletedWith && lost.has(one.deletedWith) && { deletedWith: undefined }),
    })),
  };
}
