import { isEveryAddress } from "../../../lib/addresses.ts";
import type { Inspected } from "../facts.ts";

/** A port on the host that leads into a container. */
export interface Binding {
  /** As `5432/tcp`. */
  inside: string;
  address: string;
  port: number;
}

export function bindingsOf({ HostConfig }: Inspected): Binding[] {
  return Object.entries(HostConfig.PortBindings ?? {}).flatMap(([inside, bound]) =>
    (bound ?? []).map(({ HostIp, HostPort }) => ({ inside, address: HostIp, port: Number(HostPort) })),
  );
}

/** Those that are published on every address of the host, as `0.0.0.0:5432`. */
export function openBindings(inspected: Inspected): string[] {
  return bindingsOf(inspected)
    .filter(({ address }) => isEveryAddress(address))
    .map(({ address, port }) => `${address || "*"}:${port}`);
}
