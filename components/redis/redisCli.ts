import { type ContainerAddress, dockerCommand } from "../../lib/docker.ts";

/** Runs `redis-cli --cluster` with these words, such as `["rebalance", "--cluster-use-empty-masters"]`. */
export type ClusterCommand = (words: readonly string[]) => Promise<void>;

/**
 * `redis-cli --cluster` inside a node's container (`cluster-cli` in the image): it reaches the nodes under the
 * addresses that they have for each other. The administrator's password goes by standard input.
 *
 * @throws Error with what redis-cli printed last, when it fails
 */
export function redisCliIn({ docker, container }: ContainerAddress, password: string): ClusterCommand {
  return async (words) => {
    await dockerCommand(docker, ["exec", "-i", container, "cluster-cli", ...words], `${password}\n`);
  };
}
