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
import type { LoginsInForce } from "../roles/loginsInForce.ts";
import type { SqlDeployment } from "../migrations/sqlSchemas.ts";
import { poolName, type PgBouncer } from "../pgbouncer/pgbouncer.ts";
import type { PostgresCluster } from "../postgres/postgresCluster.ts";
import type { PostgresParameters } from "../postgres/parameters.ts";
import type { RedisCluster } from "../redis/redisCluster.ts";
import type { Credentials } from "../security/credentials.ts";
import type { Host } from "../docker/host.ts";
import type { CertificateAuthority } from "../security/certificateAuthority.ts";
import type { StackConfiguration } from "./stackConfiguration.ts";
import { type Address, connectionUrl, multiHostUrl, type StackOutputs } from "./outputs.ts";

/** Where the outputs come from. */
export interface StackParts {
  configuration: StackConfiguration;
  /** Where clients reach the stack. */
  address: string;
  passwords: Credentials;
  /** When it is there, the passwords work. */
  logins: LoginsInForce;
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
  const { configuration, address, passwords, logins, authority, cluster, parameters, pooler, redis, sql } =
    parts;
  const pgbouncer = { host: address, port: configuration.ports.pgbouncer };
  const poolers = Object.values(pooler.instances).map(({ host, port }) => ({ host, port }));

  // The login alternates with its second one as its password is rotated; the pool stays that of the first.
  const to = (account: string, database: string) => {
    const { login, password: next } = passwords.current(account);
    const current = pulumi.all([next, logins.id]).apply(([password]) => password);
    const url = (at: Address) =>
      current.apply((password) =>
        connectionUrl({ login, password, ...at, database, options: { sslmode: "verify-full" } }),
      );
    const options = { sslmode: "verify-full", target_session_attrs: "any" };
    return {
      url: url(pgbouncer),
      urls: poolers.map(url),
      multiHostUrl: current.apply((password) =>
        multiHostUrl({ login, password, addresses: poolers, database, options }),
      ),
    };
  };
  const toBoth = (account: string, database: string) => {
    const reads = to(account, READ_DATABASE);
    return {
      ...to(account, database),
      readUrl: reads.url,
      readUrls: reads.urls,
      multiHostReadUrl: reads.multiHostUrl,
    };
  };
  const service = (login: keyof typeof configuration.pgbouncer.pools) => ({
    ...toBoth(login, poolName(login)),
    pool: configuration.pgbouncer.pools[login],
  });

  return {
    prefix: configuration.prefix,
    hosts: configuration.hosts.map(({ name, docker, address }) => ({ name, docker, address })),
    writer: { ...pgbouncer, database: DATABASE },
    poolers,
    reader: { ...pgbouncer, database: READ_DATABASE },
    services: Object.fromEntries(
      CLIENT_LOGINS.map((login) => [login, service(login as keyof StackOutputs["services"])]),
    ),
    monitor: to(MONITOR_LOGIN, DATABASE),
    tls: {
      authority: authority.certificate,
      authorityEndsAt: authority.endsAt,
      // Texts of times in one form sort as the times do.
      certificatesEndAt: pulumi
        .all(parts.hosts.flatMap((host) => host.certificatesEndAt))
        .apply((times) => times.toSorted()[0]),
    },
    readonly: toBoth(READONLY_LOGIN, DATABASE),
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
