import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { IDENTITY_LABEL, STACK_LABEL } from "./volumeNames.ts";

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
 * A named volume that is marked as the stack's own.
 *
 * A change of any input would replace the volume, and its data would be gone: so name and driver never change, and a
 * volume keeps the marks that it was made with, or none.
 */
export function namedVolume(
  host: { prefix: string; identity: pulumi.Input<string>; provider: docker.Provider },
  alias: string,
  policy: DataVolumePolicy,
  opts: pulumi.CustomResourceOptions,
): docker.Volume {
  return new docker.Volume(
    alias,
    {
      name: `${host.prefix}-${alias}`,
      driver: "local",
      labels: [
        { label: STACK_LABEL, value: `${pulumi.getProject()}/${pulumi.getStack()}` },
        { label: IDENTITY_LABEL, value: host.identity },
      ],
    },
    {
      ...opts,
      ignoreChanges: ["labels"],
      provider: host.provider,
      protect: policy.protect && !policy.allowDataLoss?.includes(alias),
      retainOnDelete: policy.retain,
    },
  );
}
