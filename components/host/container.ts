import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Host } from "./host.ts";

export interface ServiceContainerArgs {
  /** The image's id, not its name: a name would show as a replacement in every preview. */
  image: pulumi.Input<string>;
  /** What the image's entry point runs; the image's own command when left out. */
  command?: string[];
  /** Ports inside the container by the port on the host. */
  publish?: Record<number, number>;
  /** Files handed to the container before it starts; a changed file replaces the container. */
  files?: Record<string, pulumi.Input<string>>;
  /** Volumes by the path at which they are mounted. */
  volumes?: Record<string, docker.Volume>;
  /** Memory limit in MB; changing it does not restart the container. */
  memoryMb: number;
  /** Size of /dev/shm in MB. */
  shmMb?: number;
  /** Time in seconds that the process has to stop before it is killed. */
  stopGraceSeconds: number;
  /** Whether the next resource waits until the image's health check passes. */
  waitHealthy?: boolean;
  /** After how many seconds that wait is given up. */
  healthyWithinSeconds?: number;
}

/** Most containers are healthy after their first check. In seconds. */
const HEALTHY_WITHIN = 60;

/** A container as this project runs all of them: named, bounded, restarted, stopped with a grace. */
export function serviceContainer(
  host: Host,
  alias: string,
  args: ServiceContainerArgs,
  opts: pulumi.CustomResourceOptions,
): docker.Container {
  return new docker.Container(
    alias,
    {
      name: host.containerName(alias),
      hostname: alias,
      image: args.image,
      command: args.command,
      networksAdvanced: [{ name: host.network.name, aliases: [alias] }],
      ports: ports(host.bind, args.publish ?? {}),
      uploads: Object.entries(args.files ?? {}).map(([file, content]) => ({ file, content })),
      volumes: Object.entries(args.volumes ?? {}).map(([containerPath, volume]) => ({
        containerPath,
        volumeName: volume.name,
      })),
      // Without memorySwap the provider shows a replacement in every preview.
      memory: args.memoryMb,
      memorySwap: args.memoryMb,
      shmSize: args.shmMb,
      init: true,
      restart: "unless-stopped",
      // Without this the provider kills at once when it replaces or destroys a container.
      destroyGraceSeconds: args.stopGraceSeconds,
      stopTimeout: args.stopGraceSeconds,
      healthcheck: {
        tests: ["CMD", "healthcheck"],
        interval: "5s",
        timeout: "5s",
        retries: 3,
        startPeriod: "0s",
      },
      wait: args.waitHealthy ?? false,
      waitTimeout: args.healthyWithinSeconds ?? HEALTHY_WITHIN,
      logDriver: "json-file",
      logOpts: { "max-size": "50m", "max-file": "5" },
    },
    // The name and the ports are taken until the old container is gone.
    { ...opts, provider: host.provider, deleteBeforeReplace: true },
  );
}

/** In ascending order and with an address each, as the provider reads them back. */
function ports(ip: string, publish: Record<number, number>): docker.types.input.ContainerPort[] {
  return Object.entries(publish)
    .map(([external, internal]) => ({ internal, external: Number(external), ip, protocol: "tcp" }))
    .sort((a, b) => a.internal - b.internal);
}
