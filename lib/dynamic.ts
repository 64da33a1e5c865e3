import * as pulumi from "@pulumi/pulumi";
import { ownType } from "./pulumi/types.ts";

/**
 * A resource whose create, read, update and delete are code of this project.
 *
 * It is an ordinary Pulumi dynamic resource, with one difference: instead of a serialized closure, the state
 * holds one constant line that looks its type up in `components/providers.ts`. So neither a change of a provider's
 * code nor a move of its file shows as a change of every resource, and the program starts without the closure serializer.
 *
 * A provider has no `diff`: then the engine itself compares the inputs, and a preview shows just those that
 * differ, each with its old and new value. So `read` gives back what it found as `inputs` too: that is how
 * a change made by hand shows after a refresh.
 *
 * A provider's module must be loadable by `require` (no top-level await). It runs in the engine's provider process,
 * whose working directory is the project's.
 */
export abstract class ProjectResource extends pulumi.CustomResource {
  /**
   * @param type    the resource's type as previews show it, such as `PostgresParameters`; its key in the registry
   * @param inputs  what the provider gets and previews compare; name outputs here as `undefined`
   */
  protected constructor(
    type: string,
    name: string,
    inputs: pulumi.Inputs,
    opts?: pulumi.CustomResourceOptions,
  ) {
    super(ownType(type), name, { ...inputs, __provider: loader(type) }, opts);
  }
}

/** The line in the state: the wire format of a dynamic provider is a module with a `handler`. */
function loader(type: string): string {
  const key = JSON.stringify(type);
  return `exports.handler = () => require(require("node:path").resolve("components/providers.ts")).providers[${key}];`;
}
