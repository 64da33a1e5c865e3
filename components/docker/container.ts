import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { type CertificatePolicy, type Reload, ContainerFiles, FILES_DIRECTORY } from "./containerFiles.ts";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import { filesDigest } from "./fileHashes.ts";
import type { AuthorityInputs } from "../security/certificateAuthority.ts";
import { namedVolume } from "./volume.ts";

/** What a container needs of the machine that carries it. */
export interface ContainerHost {
  bind: string;
  prefix: string;
  identity: pulumi.Input<string>;
  provider: docker.Provider;
  network: docker.Network;
  authority: AuthorityInputs;
  certificates: Omit<CertificatePolicy, "names">;
  containerName(alias: string): string;
  containerAddress(alias: string): ContainerAddress;
  namesOf(alias: string): string[];
}

export interface ServiceContainerArgs {
  /** The image's id, not its name: a name would show as a replacement in every preview. */
  image: pulumi.Input<string>;
  /** Number of the image's own user, and of its group: nothing in a container runs as root. */
  user: number;
  /** What the image's entry point runs; the image's own command when left out. */
  command?: string[];
  /** Ports inside the container by the port on the host. */
  publish?: Record<number, number>;
  /** Files handed to the container before it starts, below `/run/acgs`; a changed file replaces the container. */
  files?: Record<string, pulumi.Input<string>>;
  /** Such files that the program reads again while it runs: a changed one replaces nothing. */
  reloadableFiles?: Record<string, pulumi.Input<string>>;
  /** Further DNS names in its certificate: those of a router in front of it, or of a role that others ask for. */
  names?: readonly string[];
  /** How its program learns of a new certificate or live file. */
  reload: Reload;
  /** Volumes by the path at which they are mounted. */
  volumes?: Record<string, docker.Volume>;
  /** Folders in memory, by path, with their size in MB; /tmp is one always. */
  scratchMb?: Record<string, number>;
  /** Weight for processor time where containers compete for it (1024 is what a process without one has); changed live. */
  cpuShares: number;
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
/**
 * Processes and threads of the user that a container runs as. The kernel counts them over all containers of the same
 * number of user: a bound against a program that forks without end, far above what members with all connections need.
 */
const MOST_PROCESSES = 8192;

/**
 * Files and sockets that one process may open, soft and hard. What a container inherits is the engine's choice: with 1024 of them
 * PgBouncer hangs at its thousandth client, HAProxy does not start, and Redis takes 992 clients of 10,000. HAProxy needs the
 * most, two for each connection. Not more than that calls for: an engine without CAP_SYS_RESOURCE gives no more than it has.
 */
export const MOST_OPEN_FILES = 16_384;

/**
 * Weight of what every statement goes through: twice a server's, because all servers wait while it does, and it never takes more
 * than they give it to do.
 */
export const PROXY_CPU_SHARES = 4096;

/**
 * What is the same for all containers: bounded, restarted, and without rights. None needs a capability: ports are above
 * 1023, and files are its user's own. A change of any of it replaces the container.
 */
export const CONTAINER_SETTINGS = {
  init: true,
  restart: "unless-stopped",
  readOnly: true,
  capabilities: { drops: ["ALL"] },
  securityOpts: ["no-new-privileges:true"],
  ulimits: [
    { name: "nofile", soft: MOST_OPEN_FILES, hard: MOST_OPEN_FILES },
    { name: "nproc", soft: MOST_PROCESSES, hard: MOST_PROCESSES },
  ],
  healthcheck: {
    tests: ["CMD", "healthcheck"],
    interval: "5s",
    timeout: "5s",
    retries: 3,
    startPeriod: "0s",
  },
  logDriver: "json-file",
  logOpts: { "max-size": "50m", "max-file": "5" },
} satisfies Partial<docker.ContainerArgs>;

/** A container as this project runs all of them: named, bounded, unprivileged, restarted, stopped with a grace. */
export function serviceContainer(
  host: ContainerHost,
  alias: string,
  args: ServiceContainerArgs,
  opts: pulumi.CustomResourceOptions,
): { container: docker.Container; certificateEndsAt: pulumi.Output<string> } {
  const { files = {}, volumes = {} } = args;
  const filesVolume = namedVolume(
    host,
    `${alias}-files`,
    { protect: false, retain: false },
    {
      ...(opts.parent && { parent: opts.parent }),
    },
  );
  const containerFiles = new ContainerFiles(
    `${alias}-container-files`,
    {
      container: host.containerAddress(alias),
      image: args.image,
      user: args.user,
      volume: filesVolume.name,
      files,
      reloadableFiles: args.reloadableFiles ?? {},
      certificate: { ...host.certificates, names: [...host.namesOf(alias), ...(args.names ?? [])] },
      authority: host.authority,
      reload: args.reload,
    },
    { ...(opts.parent && { parent: opts.parent }), dependsOn: filesVolume },
  );
  const dependsOn = pulumi
    .output(opts.dependsOn)
    .apply((others) => [containerFiles, ...[others ?? []].flat()]);
  const container = new docker.Container(
    alias,
    {
      ...CONTAINER_SETTINGS,
      name: host.containerName(alias),
      hostname: alias,
      image: args.image,
      user: `${args.user}:${args.user}`,
      command: args.command,
      networksAdvanced: [{ name: host.network.name, aliases: [alias] }],
      ports: ports(host.bind, args.publish ?? {}),
      volumes: Object.entries({ ...volumes, [FILES_DIRECTORY]: filesVolume }).map(
        ([containerPath, volume]) => ({ containerPath, volumeName: volume.name }),
      ),
      tmpfs: scratch({ "/tmp": 64, ...args.scratchMb }),
      // Without memorySwap the provider shows a replacement in every preview.
      cpuShares: args.cpuShares,
      memory: args.memoryMb,
      memorySwap: args.memoryMb,
      shmSize: args.shmMb,
      // Without this the provider kills at once when it replaces or destroys a container.
      destroyGraceSeconds: args.stopGraceSeconds,
      stopTimeout: args.stopGraceSeconds,
      wait: args.waitHealthy ?? false,
      waitTimeout: args.healthyWithinSeconds ?? HEALTHY_WITHIN,
    },
    {
      ...opts,
      dependsOn,
      provider: host.provider,
      // The name and the ports are taken until the old container is gone.
      deleteBeforeReplace: true,
      // Programs read their files when they start.
      replacementTrigger: filesDigest(files),
    },
  );
  return { container, certificateEndsAt: containerFiles.endsAt };
}

/** Nothing in them may be executed; they are the only places beside volumes that can be written to. */
function scratch(sizesMb: Record<string, number>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(sizesMb).map(([path, size]) => [path, `rw,noexec,nosuid,nodev,mode=1777,size=${size}m`]),
  );
}

/** In ascending order and with an address each, as the provider reads them back. */
function ports(ip: string, publish: Record<number, number>): docker.types.input.ContainerPort[] {
  return Object.entries(publish)
    .map(([external, internal]) => ({ internal, external: Number(external), ip, protocol: "tcp" }))
    .sort((a, b) => a.internal - b.internal);
}
