import type { ContainerAddress } from "../../../lib/docker/client.ts";
import { running } from "../../../lib/docker/containers.ts";
import { openExec } from "../../../lib/docker/exec.ts";
import type { Backend } from "../../haproxy/runtimeApi.ts";

/** HAProxy uses the member again after so many seconds, whatever became of this process. */
const AT_MOST = 300;

/**
 * Lets the HAProxies that run send nothing new to a member of a backend. Its sessions go on.
 *
 * @returns what ends it
 * @throws where one of them does not do it, though it runs
 */
export async function drain(
  member: string,
  backend: Backend,
  routers: readonly ContainerAddress[],
): Promise<() => Promise<void>> {
  const drains = (await running(routers)).map((router) =>
    openExec(router, ["drain-member", member, backend, String(AT_MOST)]),
  );
  const end = async () => {
    await Promise.all(drains.map((one) => one.close()));
  };
  try {
    await Promise.all(drains.map(({ firstLine }) => firstLine));
    return end;
  } catch (error) {
    await end();
    throw error;
  }
}
