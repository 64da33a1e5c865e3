import type { ContainerAddress } from "../../lib/docker/client.ts";
import { exec } from "../../lib/docker/exec.ts";

/** It moves all keys of a node in minutes. In ms. */
const ENDS_WITHIN = 60 * 60_000;

/** Runs `redis-cli --cluster` with these words, such as `["rebalance", "--cluster-use-empty-masters"]`. */
export type ClusterCommand = (words: readonly string[]) => Promise<void>;

/**
 * `redis-cli --cluster` inside a node's container (`cluster-cli` in the image): it reaches the nodes under the
 * addresses that they have for each other. The administrator's password goes by standard input.
 *
 * @throws Error with what redis-cli printed last, when it fails
 */
export function redisCliIn(address: ContainerAddress, password: string): ClusterCommand {
  return async (words) => {
    await exec(address, ["cluster-cli", ...words], { input: `${password}\n`, within: ENDS_WITHIN });
  };
}
