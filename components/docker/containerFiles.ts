import * as pulumi from "@pulumi/pulumi";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import { ProjectResource } from "../../lib/dynamic.ts";
import type { AuthorityInputs } from "../security/certificateAuthority.ts";

export { FILES_DIRECTORY, TLS_FILE } from "./filePaths.ts";

/** What decides when a container's certificate is renewed; a change of any of it is a reload. */
export interface CertificatePolicy {
  /** DNS names and addresses under which the container is reached, its alias first. */
  names: string[];
  validDays: number;
  /** The day from which on it must be no older, such as `2026-09-14`; see `renewedSince`. */
  renewedSince: string;
  /** The operator's counter (`acgs-db:tls.renewal`). */
  renewal: number;
}

/**
 * How a program that runs is told of a new certificate or live file; `none` where it reads them at each connection, or another
 * resource tells it.
 */
export type Reload = { signal: string } | "none";

export interface ContainerFilesArgs {
  container: ContainerAddress;
  image: pulumi.Input<string>;
  /** Number of the user that the container runs as, and of its group, who are to own the files. */
  user: number;
  /** Name of the volume that holds them. */
  volume: pulumi.Input<string>;
  /** Contents by path, below FILES_DIRECTORY. */
  files: Record<string, pulumi.Input<string>>;
  /** Others that the program reads again while it runs. */
  reloadableFiles: Record<string, pulumi.Input<string>>;
  certificate: CertificatePolicy;
  authority: AuthorityInputs;
  reload: Reload;
}

/**
 * The files of a container: configuration, secrets and its certificate. They lie in a volume, because the container's own
 * file system is read-only, each readable by the container's user alone, and are written before the container starts.
 *
 * A changed file replaces the container (its option `replacementTrigger`); a reload is enough for a new
 * certificate and a changed live file.
 */
export class ContainerFiles extends ProjectResource {
  /** When the certificate ends, as `2027-11-21T21:00:00.000Z`. */
  declare readonly endsAt: pulumi.Output<string>;

  constructor(name: string, args: ContainerFilesArgs, opts?: pulumi.CustomResourceOptions) {
    const { certificate, key } = args.authority;
    super(
      "ContainerFiles",
      name,
      {
        ...args,
        authority: { certificate, key: pulumi.secret(key) },
        issued: undefined,
        endsAt: undefined,
      },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["issued"] }),
    );
  }
}
