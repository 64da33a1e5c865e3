import * as pulumi from "@pulumi/pulumi";
import { SERVICE_CACHE_USERS } from "../roles/cacheUsers.ts";
import {
  ACCOUNT,
  CLIENT_LOGINS,
  DATABASE,
  MONITOR_LOGIN,
  READ_DATABASE,
  READONLY_LOGIN,
  REDIS_LOGIN,
} from "../../lib/names.ts";
import type { SqlDeployment } from "../migrations/sqlSchemas.ts";
import { poolName, type PgBouncer } from "../pgbouncer/pgbouncer.ts";
import type { PostgresCluster } from "../postgres/postgresCluster.ts";
import type { PostgresParameters } from "../postgres/parameters.ts";
import type { RedisCluster } from "../redis/redisCluster.ts";
import type { Credentials } from "../security/credentials.ts";
import type { Host } from "../docker/host.ts";
import type { CertificateAuthority } from "../security/certificateAuthority.ts";
import type { StackConfiguration } from "./stackConfiguration.ts";
import { connectionUrl, type StackOutputs } from "./outputs.ts";

/** Where the outputs come from. */
export interface StackParts {
  configuration: StackConfiguration;
  /** Where clients reach the stack. */
  address: string;
  passwords: Credentials;
  authority: CertificateAuthority;
  hosts: readonly Host[];
  cluster: PostgresCluster;
  parameters: PostgresParameters;
  pooler: PgBouncer;
  redis: RedisCluster;
  sql: SqlDeployment;
}

/** What the stack puts out, as `stackOutputsSchema` describes it. */
export function stackOutputs(parts: StackParts): pulumi.Inputs {
  const { configuration, address, passwords, authority, cluster, parameters, pooler, redis, sql } = parts;
  const pgbouncer = { host: address, port: configuration.ports.pgbouncer };

  // The login alternates with its second one as its password is rotated; the pool stays that of the first.
  const url = (account: string, database: string) => {
    const { login, password: current } = passwords.current(account);
    return current.apply((password) =>
      connectionUrl({ login, password, ...pgbouncer, database, options: { sslmode: "verify-full" } }),
    );
  };
  const service = (login: keyof typeof configuration.pgbouncer.pools) => ({
    url: url(login, poolName(login)),
    readUrl: url(login, READ_DATABASE),
    pool: configuration.pgbouncer.pools[login],
  });

  return {
    prefix: configuration.prefix,
    hosts: configuration.hosts.map(({ name, docker, address }) => ({ name, docker, address })),
    writer: { ...pgbouncer, database: DATABASE },
    poolers: Object.values(pooler.instances).map(({ host, port }) => ({ host, port })),
    reader: { ...pgbouncer, database: READ_DATABASE },
    services: Object.fromEntries(
      CLIENT_LOGINS.map((login) => [login, service(login as keyof StackOutputs["services"])]),
    ),
    monitor: { url: url(MONITOR_LOGIN, DATABASE) },
    tls: {
      authority: authority.certificate,
      authorityEndsAt: authority.endsAt,
      // Texts of times in one form sort as the times do.
      certificatesEndAt: pulumi
        .all(parts.hosts.flatMap((host) => host.certificatesEndAt))
        .apply((times) => times.toSorted()[0]),
    },
    readonly: { url: url(READONLY_LOGIN, DATABASE), readUrl: url(READONLY_LOGIN, READ_DATABASE) },
    postgres: {
      version: parameters.version,
      members: cluster.members.map(({ name, host, port, rest }) => ({ name, host, port, rest })),
      parameters: parameters.inForce,
      pendingRestart: parameters.pendingRestart,
    },
    redis: {
      version: redis.version,
      nodes: redis.nodes,
      username: REDIS_LOGIN,
      password: passwords.current(ACCOUNT.redis).password,
      users: Object.fromEntries(
        SERVICE_CACHE_USERS.map(({ name, keyPrefix, kinds }) => {
          const ttl = Object.fromEntries(kinds.map((kind) => [kind, configuration.cache[kind]]));
          return [name, { username: name, password: passwords.current(name).password, keyPrefix, ttl }];
        }),
      ),
    },
    cache: configuration.cache,
    sql: { applied: sql.applied, pending: sql.pending },
  };
}
