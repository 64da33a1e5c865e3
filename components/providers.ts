import type * as pulumi from "@pulumi/pulumi";
import { dropMisleading } from "../lib/environment.ts";
import { provider as certificateAuthority } from "./security/certificateAuthority.provider.ts";
import { provider as configurationKeyFiles } from "./security/configurationKeyFiles.provider.ts";
import { provider as configurationKeys } from "./security/configurationKeys.provider.ts";
import { provider as containerFiles } from "./docker/containerFiles.provider.ts";
import { provider as deployer } from "./roles/deployer.provider.ts";
import { provider as haproxyServers } from "./haproxy/haproxyServers.provider.ts";
import { provider as loginsInForce } from "./roles/loginsInForce.provider.ts";
import { provider as passwords } from "./security/passwords.provider.ts";
import { provider as pools } from "./pgbouncer/pools.provider.ts";
import { provider as postgresBeforeReplace } from "./postgres/beforeReplace.provider.ts";
import { provider as postgresParameters } from "./postgres/parameters.provider.ts";
import { provider as redisBeforeReplace } from "./redis/beforeReplace.provider.ts";
import { provider as redisClusterState } from "./redis/clusterState.provider.ts";
import { provider as rotations } from "./security/rotation/rotations.provider.ts";
import { provider as sqlSchema } from "./migrations/sqlSchema.provider.ts";
import { configure } from "./stack/hostEndpoints.ts";
import { provider as stackGuard } from "./stack/stackGuard.provider.ts";
import { provider as stackHealth } from "./stack/stackHealth.provider.ts";
import { provider as stackIdentity } from "./stack/stackIdentity.provider.ts";

// Here is the environment of whoever has called Pulumi, and `pg` reads libpq's variables in it. An engine may be at tcp://.
dropMisleading(process.env, ["tcp://"]);

const own = {
  CertificateAuthority: certificateAuthority,
  ConfigurationKeyFiles: configurationKeyFiles,
  ConfigurationKeys: configurationKeys,
  ContainerFiles: containerFiles,
  Deployer: deployer,
  HaproxyServers: haproxyServers,
  LoginsInForce: loginsInForce,
  Passwords: passwords,
  Pools: pools,
  PostgresBeforeReplace: postgresBeforeReplace,
  PostgresParameters: postgresParameters,
  RedisBeforeReplace: redisBeforeReplace,
  RedisClusterState: redisClusterState,
  Rotations: rotations,
  SqlSchema: sqlSchema,
  StackGuard: stackGuard,
  StackHealth: stackHealth,
  StackIdentity: stackIdentity,
} satisfies Record<string, pulumi.dynamic.ResourceProvider>;

/**
 * The provider of each resource type of the project. The state of every such resource names this file and the type, so a
 * provider's own file can move without a change in any state; this path cannot.
 * Each learns from the stack's configuration where the engines are that its inputs name.
 */
export const providers = Object.fromEntries(
  Object.entries(own).map(([type, provider]) => [type, { ...provider, configure }]),
) as typeof own;
