import type * as pulumi from "@pulumi/pulumi";
import { ProjectResource } from "../../lib/dynamic.ts";

/**
 * What tells a stack from another one of the same names: made once, kept in its state as this resource's id, and carried by
 * its volumes.
 */
export class StackIdentity extends ProjectResource {
  constructor(name: string, opts?: pulumi.CustomResourceOptions) {
    super("StackIdentity", name, {}, opts);
  }
}
