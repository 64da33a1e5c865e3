import * as pulumi from "@pulumi/pulumi";
import { ProjectResource } from "../../lib/dynamic.ts";
import type { Pool } from "./databasesSection.ts";
import type { Trusting } from "../../lib/trust.ts";
import type { PgBouncerInstance } from "../../lib/pgbouncerConsole.ts";

export interface PoolsArgs {
  instances: Record<string, Trusting<PgBouncerInstance>>;
  /** Pools of one PgBouncer; all have the same. */
  pools: Record<string, Pool>;
  /** Of PgBouncer's console: all that may be valid, the one to use first. */
  passwords: pulumi.Input<string[]>;
}

/**
 * The pools of all PgBouncers. An update writes a change into each and reloads it: clients stay
 * connected, no container is replaced. Done when every console shows the new sizes, and, where the addresses of HAProxy
 * changed, the connections to the former ones have ended.
 */
export class Pools extends ProjectResource {
  constructor(name: string, args: PoolsArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "Pools",
      name,
      { ...args, passwords: pulumi.secret(args.passwords) },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["passwords"] }),
    );
  }
}
