import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import { dockerProviderOf } from "../../lib/hosts.ts";
import type { AuthorityInputs } from "../security/certificateAuthority.ts";
import { serviceContainer, type ContainerHost, type ServiceContainerArgs } from "./container.ts";
import type { CertificatePolicy } from "./containerFiles.ts";
import { namedVolume, type DataVolumePolicy } from "./volume.ts";

export interface HostArgs {
  /** Name of the host, as the stack configuration gives it. */
  name: string;
  /** Docker endpoint, such as `unix:///var/run/docker.sock` or `ssh://user@host`. */
  docker: string;
  /** Address under which clients reach what the host publishes. */
  address: string;
  /** Address on the host on which ports are published. */
  bind: string;
  /** Starts the names of all containers, volumes and the network. */
  prefix: string;
  /** Nothing is made on the host before it has let the stack pass. */
  guard: pulumi.Resource & { identity: pulumi.Output<string> };
  /** What happens to data volumes when the stack is destroyed. */
  dataVolumes: DataVolumePolicy;
  /** Signs the certificates of its containers. */
  authority: AuthorityInputs;
  /** When those are renewed, and further names in them under which clients reach the host. */
  certificates: Omit<CertificatePolicy, "names"> & { clientNames: readonly string[] };
}

/** One machine with a Docker engine: its provider, and the network on which the stack's containers meet. */
export class Host extends pulumi.ComponentResource implements ContainerHost {
  readonly name: string;
  readonly address: string;
  readonly bind: string;
  readonly prefix: string;
  /** What its volumes carry. */
  readonly identity: pulumi.Output<string>;
  readonly provider: docker.Provider;
  readonly network: docker.Network;
  /** Where its containers are found. */
  readonly containers: ContainerAddress[] = [];
  /** When the certificate of each container ends. */
  readonly certificatesEndAt: pulumi.Output<string>[] = [];
  readonly authority: AuthorityInputs;
  readonly certificates: Omit<CertificatePolicy, "names">;
  private readonly clientNames: readonly string[];
  private readonly dataVolumes: DataVolumePolicy;

  constructor(name: string, args: HostArgs, opts?: pulumi.ComponentResourceOptions) {
    super("acgs:docker:Host", name, {}, opts);
    this.name = args.name;
    this.address = args.address;
    this.bind = args.bind;
    this.prefix = args.prefix;
    this.identity = args.guard.identity;
    this.dataVolumes = args.dataVolumes;
    this.authority = args.authority;
    const { clientNames, ...certificates } = args.certificates;
    this.clientNames = clientNames;
    this.certificates = certificates;

    this.provider = new docker.Provider(
      dockerProviderOf(name),
      { host: args.docker },
      { parent: this, dependsOn: args.guard },
    );
    this.network = new docker.Network(
      `${name}-network`,
      { name: args.prefix, driver: "bridge" },
      { parent: this, provider: this.provider },
    );
    this.registerOutputs({});
  }

  /** The name under which the engine knows a container. */
  containerName(alias: string): string {
    return `${this.prefix}-${alias}`;
  }

  /** Where providers find a container: by the host's name, see `lib/hosts.ts`. */
  containerAddress(alias: string): ContainerAddress {
    return { docker: this.name, container: this.containerName(alias) };
  }

  /** Under what a container is reached: by the stack's others, by clients of the host, and by programs in itself. */
  namesOf(alias: string): string[] {
    return [...new Set([alias, this.address, ...this.clientNames, "localhost", "127.0.0.1"])];
  }

  /** A container of this host, on its network, reached by the others as `alias`. */
  container(alias: string, args: ServiceContainerArgs, opts: pulumi.CustomResourceOptions): docker.Container {
    const { container, certificateEndsAt } = serviceContainer(this, alias, args, opts);
    this.certificatesEndAt.push(certificateEndsAt);
    this.containers.push(this.containerAddress(alias));
    return container;
  }

  /** A volume for data: it outlives the containers which mount it, and the stack, if its policy says so. */
  dataVolume(alias: string, opts: pulumi.CustomResourceOptions): docker.Volume {
    return namedVolume(this, `${alias}-data`, this.dataVolumes, opts);
  }

  /** A volume for what an update can write again: it outlives the containers which mount it, and no more. */
  volume(alias: string, opts: pulumi.CustomResourceOptions): docker.Volume {
    return namedVolume(this, `${alias}-data`, { protect: false, retain: false }, opts);
  }
}
