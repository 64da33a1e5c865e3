import * as pulumi from "@pulumi/pulumi";

/**
 * A resource whose create, read, update and delete are code of this project.
 *
 * It is an ordinary Pulumi dynamic resource, with one difference: instead of a serialized closure, the state
 * holds one constant line that loads the provider's module from the project's directory. So a change of that
 * code does not show as a change of every resource, and the program starts without the closure serializer.
 *
 * A provider has no `diff`: then the engine itself compares the inputs, and a preview shows just those that
 * differ, each with its old and new value. So `read` gives back what it found as `inputs` too: that is how
 * a change made by hand shows after a refresh.
 *
 * The module must export `provider: pulumi.dynamic.ResourceProvider` and be loadable by `require` (no
 * top-level await). It runs in the engine's provider process, whose working directory is the project's.
 */
export abstract class ProjectResource extends pulumi.CustomResource {
  /**
   * @param type    the resource's type as previews show it, such as `PostgresParameters`
   * @param module  the provider's module, as a path from the project's root
   * @param inputs  what the provider gets and previews compare; name outputs here as `undefined`
   */
  protected constructor(
    type: string,
    module: string,
    name: string,
    inputs: pulumi.Inputs,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(`pulumi-nodejs:dynamic/acgs:${type}`, name, { ...inputs, __provider: loader(module) }, opts);
  }
}

/** The line that stands in the state: the wire format of a dynamic provider is a module with a `handler`. */
function loader(module: string): string {
  const path = JSON.stringify(module);
  return `exports.handler = () => require(require("node:path").resolve(${path})).provider;`;
}
