import { type HostEndpoint, hostOfProvider } from "../hosts.ts";
import { TYPE } from "./types.ts";

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
  /** The engine refuses to delete it. */
  protect?: boolean;
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

/** Pulumi's mark of a secret value in a state. */
const SECRET_MARK = "4dabf18193072939515e22adb298388d";

/** The value with every secret in it in plain, where it is of a state with secrets. */
export function revealed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== "object" || value === null) return value;
  if (SECRET_MARK in value && "plaintext" in value) return revealed(JSON.parse(String(value.plaintext)));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]));
}

/** The last part of a URN: the resource's name in the program. */
export function nameOf(urn: string): string {
  return urn.split("::").at(-1)!;
}

/** Resources of a type that are there: not those that were deleted for a replacement. */
export function resourcesOf({ resources = [] }: Deployment, type: string): StateResource[] {
  return resources.filter((one) => one.type === type && !one.pendingReplacement);
}

/** The inputs of the only resource of a type, with secrets in plain; undefined where there is none. */
export function inputsOf<T>(deployment: Deployment, type: string): T | undefined {
  const [found] = resourcesOf(deployment, type);
  return found && (revealed(found.inputs) as T);
}

/** Names of the resources that the engine refuses to delete. */
export function protectedNames({ resources = [] }: Deployment): string[] {
  return resources.filter(({ protect }) => protect === true).map(({ urn }) => nameOf(urn));
}

/** The Docker endpoint on which a resource lives, by its provider. */
export function endpointIn(deployment: Deployment, resource: StateResource): string | undefined {
  const urn = resource.provider?.slice(0, resource.provider.lastIndexOf("::"));
  const host = deployment.resources?.find((one) => one.urn === urn)?.inputs?.["host"];
  return typeof host === "string" ? host : undefined;
}

/** The stack's hosts, by their Docker providers. */
export function hostsIn(deployment: Deployment): HostEndpoint[] {
  return resourcesOf(deployment, TYPE.dockerProvider).flatMap(({ urn, inputs }) => {
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
  const made = all.find(({ type }) => type === TYPE.stackGuard)?.inputs?.["prefix"];
  const network = all.find(({ type }) => type === TYPE.network)?.inputs?.["name"];
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
