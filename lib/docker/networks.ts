import { ask, pathOf } from "./client.ts";
import { unlessAbsent } from "./containers.ts";

/** What an engine tells of a network, as far as this project asks. */
export interface NetworkInfo {
  Id: string;
  Name: string;
  Created: string;
  /** By id, those that run on it; told of a single network alone. */
  Containers?: Record<string, unknown> | null;
}

/** @param name  a regular expression */
export function listNetworks(docker: string, name: string): Promise<NetworkInfo[]> {
  return ask(docker, { path: "/networks", query: { filters: { name: [name] } } });
}

/** A network by name or id; undefined where the engine has none. @throws where the engine does not tell */
export function inspectNetwork(docker: string, network: string): Promise<NetworkInfo | undefined> {
  return unlessAbsent(ask<NetworkInfo>(docker, { path: pathOf`/networks/${network}` }));
}

/** Removes a network that no container is on; nothing where there is none. */
export async function removeNetwork(docker: string, network: string): Promise<void> {
  await unlessAbsent(ask(docker, { method: "DELETE", path: pathOf`/networks/${network}` }));
}
