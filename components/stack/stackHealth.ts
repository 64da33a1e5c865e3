import * as pulumi from "@pulumi/pulumi";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import { ProjectResource } from "../../lib/dynamic.ts";

/**
 * The end of every update, also of one that changes nothing: an error unless all containers run and are healthy. It makes
 * nothing and compares nothing, and a preview does not look.
 */
export class StackHealth extends ProjectResource {
  /** @param opts  depends on all that changes containers, or what runs in them */
  constructor(name: string, containers: readonly ContainerAddress[], opts: pulumi.CustomResourceOptions) {
    super("StackHealth", name, { containers, isPreview: pulumi.runtime.isDryRun() }, opts);
  }
}
