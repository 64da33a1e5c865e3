import * as pulumi from "@pulumi/pulumi";
import { ProjectResource } from "../../lib/dynamic.ts";
import { type ProxyPathArgs, proxyPathInput } from "./switchover/proxyPath.ts";
import { splitByCost, type RestartMode } from "./catalogue.ts";
import type { PostgresMember } from "./postgresCluster.ts";
import type { PendingRestart } from "./parametersInForce.ts";

export interface PostgresParametersArgs {
  members: readonly PostgresMember[];
  /** All parameters of the cluster, as PostgreSQL shows them. */
  parameters: Readonly<Record<string, string>>;
  /** Lines of pg_hba.conf, in order. A rule that locks the deployment out makes the update fail. */
  accessRules: readonly string[];
  /** Patroni's own settings: `ttl`, `synchronous_mode` and so on. */
  clusterRules: Readonly<Record<string, unknown>>;
  /** Login of the REST calls that change something. */
  restUser: string;
  /** All that may be valid, the one to use first. */
  restPasswords: pulumi.Input<string[]>;
  /** How values come into force that take a restart. */
  restart: RestartMode;
  /** What stands between clients and the members; `poolerPasswords` are those of PgBouncer's console. */
  proxies: ProxyPathArgs;
}

/**
 * Parameters and access rules of a PostgreSQL cluster, in Patroni's dynamic configuration: a change replaces no
 * container. The preview shows each value under the heading that says what its change costs.
 *
 * A new cluster is restarted until all values are in force. From then on values that a reload can put in force are
 * so on every member when the update ends. The others are put in force by a rolling restart, in which no transaction
 * through PgBouncer fails, or listed in {@link pendingRestart}, as {@link PostgresParametersArgs.restart} says. Where the
 * primary is among members that leave, another takes its place first. Deleting the resource changes nothing.
 */
export class PostgresParameters extends ProjectResource {
  /** The servers' version, such as `15.20`. */
  declare readonly version: pulumi.Output<string>;
  /** The values that are in force, by name. */
  declare readonly inForce: pulumi.Output<Record<string, string>>;
  /** Values that a member uses only after its next restart. */
  declare readonly pendingRestart: pulumi.Output<PendingRestart[]>;

  constructor(name: string, args: PostgresParametersArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      "PostgresParameters",
      name,
      {
        ...splitByCost(args.parameters, args.restart),
        restart: args.restart,
        accessRules: [...args.accessRules],
        clusterRules: { ...args.clusterRules },
        members: Object.fromEntries(args.members.map(({ name, ...address }) => [name, address])),
        restUser: args.restUser,
        restPasswords: pulumi.secret(args.restPasswords),
        proxies: proxyPathInput(args.proxies),
        version: undefined,
        inForce: undefined,
        pendingRestart: undefined,
      },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["restPasswords"] }),
    );
  }
}
