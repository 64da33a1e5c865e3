import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

/** What happens to data volumes when the stack, or their place in the program, goes. */
export interface DataVolumePolicy {
  /** The engine refuses to delete or replace the volume. */
  protect: boolean;
  /** Volumes for which it does not, by the names of their resources. */
  allowDataLoss?: readonly string[];
  /** The volume stays on the host when its resource is deleted. */
  retain: boolean;
}

/**
 * A named volume.
 *
 * Name and driver are all its inputs: a change of either would replace the volume, and its data would be
 * gone, so nothing that may change is among them.
 */
export function namedVolume(
  host: { prefix: string; provider: docker.Provider },
  alias: string,
  policy: DataVolumePolicy,
  opts: pulumi.CustomResourceOptions,
): docker.Volume {
  return new docker.Volume(
    alias,
    { name: `${host.prefix}-${alias}`, driver: "local" },
    {
      ...opts,
      provider: host.provider,
      protect: policy.protect && !policy.allowDataLoss?.includes(alias),
      retainOnDelete: policy.retain,
    },
  );
}
