import { type ContainerAddress, openInContainer, running } from "../../../lib/docker.ts";
import type { Backend } from "../../haproxy/runtimeApi.ts";

/** After so long HAProxy takes the member in again by itself, whatever became of this process. In s. */
const AT_MOST = 300;

/**
 * Lets the HAProxies that run send nothing new to a member of a backend. Its sessions go on.
 *
 * @returns what ends it
 */
export async function drain(
  member: string,
  backend: Backend,
  routers: readonly ContainerAddress[],
): Promise<() => Promise<void>> {
  const drains = (await running(routers)).map((router) =>
    openInContainer(router, ["drain-member", member, backend, String(AT_MOST)]),
  );
  await Promise.all(drains.map(({ firstLine }) => firstLine));
  return async () => {
    await Promise.all(drains.map((one) => one.close()));
  };
}
