import "./components/stack/plainStackTraces.ts";
import * as pulumi from "@pulumi/pulumi";
import { LoginsInForce } from "./components/roles/loginsInForce.ts";
import { DatabaseAccess } from "./components/roles/databaseAccess.ts";
import { connectionLimits } from "./components/roles/connectionLimits.ts";
import { ACCOUNT, DATABASE, PGBOUNCER_LOGIN } from "./lib/names.ts";
import { EtcdCluster } from "./components/etcd/etcdCluster.ts";
import { readSqlSchemas, servicesWithSql, sqlSchemas } from "./components/migrations/sqlSchemas.ts";
import { StackGuard } from "./components/stack/stackGuard.ts";
import { StackHealth } from "./components/stack/stackHealth.ts";
import { Host } from "./components/docker/host.ts";
import { Images } from "./components/docker/images.ts";
import { place } from "./components/docker/placement.ts";
import { PgBouncer, poolsOf } from "./components/pgbouncer/pgbouncer.ts";
import { Pools } from "./components/pgbouncer/pools.ts";
import { ACCESS_RULES } from "./components/postgres/accessRules.ts";
import { containersOf, PostgresCluster } from "./components/postgres/postgresCluster.ts";
import { PostgresParameters } from "./components/postgres/parameters.ts";
import { clusterRules, REST_USER } from "./components/postgres/patroni.ts";
import { RedisCluster } from "./components/redis/redisCluster.ts";
import { redisPasswords } from "./components/redis/users.ts";
import { HaproxyCluster } from "./components/haproxy/haproxyCluster.ts";
import { HaproxyServers } from "./components/haproxy/haproxyServers.ts";
import { Credentials } from "./components/security/credentials.ts";
import { CertificateAuthority } from "./components/security/certificateAuthority.ts";
import { authorityFile } from "./components/security/authorityFile.ts";
import { certificatePolicy } from "./components/security/certificatePolicy.ts";
import { ConfigurationKeyFiles } from "./components/security/configurationKeyFiles.ts";
import { ConfigurationKeys } from "./components/security/configurationKeys.ts";
import { Rotations } from "./components/security/rotation/rotations.ts";
import { stackOutputs } from "./components/stack/stackOutputs.ts";
import { DATABASE_NAME, isAnyProtected, isProtected } from "./components/stack/data.ts";
import { loadConfiguration } from "./components/stack/read.ts";

const { configuration, passwords: ownPasswords, certificateAuthority } = loadConfiguration();
for (const warning of configuration.warnings) void pulumi.log.warn(warning);
const { prefix, ports, postgres } = configuration;
const sqlFiles = await readSqlSchemas(configuration.partitions);
const dataVolumes = { ...configuration.dataVolumes, allowDataLoss: configuration.allowDataLoss };

const guard = new StackGuard("stack-guard", configuration);
const credentials = new Credentials({
  own: ownPasswords,
  ownAccounts: configuration.ownPasswords,
  rotation: configuration.secrets.rotation,
  internalRotation: configuration.secrets.internalRotation,
  // Without them, protected data would be out of reach.
  protect: isAnyProtected(configuration),
});
const authority = new CertificateAuthority(
  "certificate-authority",
  { name: prefix, ...(certificateAuthority && { own: certificateAuthority }) },
  { protect: dataVolumes.protect },
);
const certificates = certificatePolicy(configuration.tls);
const hosts = configuration.hosts.map(
  (host) => new Host(host.name, { ...host, prefix, guard, dataVolumes, authority, certificates }),
);
const images = new Images("images", { host: hosts[0]! });
const { address } = hosts[0]!;

// What clients connect to: PgBouncer, and HAProxy, which follows the primary.
const haproxy = new HaproxyCluster("haproxy", {
  instances: place("haproxy", configuration.haproxy.instances, hosts),
  image: images.id("haproxy"),
  writerPort: ports.postgres,
});
const pgbouncer = new PgBouncer("pgbouncer", {
  instances: place("pgbouncer", configuration.pgbouncer.instances, hosts),
  image: images.id("pgbouncer"),
  port: ports.pgbouncer,
  password: credentials.password(PGBOUNCER_LOGIN),
});
const proxies = {
  routers: haproxy.instances,
  poolers: pgbouncer.instances,
  poolerPasswords: credentials.valid(PGBOUNCER_LOGIN),
};

// PostgreSQL: etcd holds the leader lock, Patroni runs the members.
const etcd = new EtcdCluster("etcd", {
  members: place("etcd", configuration.etcd.members, hosts),
  image: images.id("etcd"),
  token: prefix,
});
const cluster = new PostgresCluster(
  "postgres",
  {
    members: place("postgres", postgres.members, hosts),
    image: images.id("postgres"),
    scope: prefix,
    memoryMb: postgres.memoryMb,
    etcd: etcd.endpoints,
    passwords: credentials,
    port: ports.postgres + 1,
    restPort: ports.patroni,
    proxies,
  },
  { dependsOn: etcd },
);
const parameters = new PostgresParameters(
  "parameters",
  {
    members: cluster.members,
    parameters: configuration.parameters,
    restart: postgres.restart,
    accessRules: ACCESS_RULES,
    clusterRules: clusterRules(postgres.members, postgres.synchronous),
    restUser: REST_USER,
    restPasswords: credentials.valid(REST_USER),
    proxies,
  },
  { dependsOn: cluster },
);
// After the parameters: there a member that leaves has given up the primary's place.
const haproxyServers = new HaproxyServers(
  "haproxy-servers",
  { members: cluster.routes, proxies },
  { dependsOn: [parameters, haproxy, pgbouncer] },
);

// What is in the database: roles and schemas first, then the SQL files.
const memberContainers = containersOf(cluster.members);
const access = new DatabaseAccess(
  "database-access",
  {
    host: address,
    port: ports.postgres,
    members: memberContainers,
    passwords: credentials,
    authorityFile: authorityFile(authority.certificate),
    connectionLimits: connectionLimits(configuration),
    services: servicesWithSql(),
    protect: isProtected(DATABASE_NAME, configuration),
    deletedWith: cluster.volumes[0]!,
  },
  { dependsOn: haproxyServers },
);
const connection = { database: DATABASE, members: memberContainers };
const { poolers, poolerPasswords } = proxies;
const sql = sqlSchemas(sqlFiles, { connection, poolers, poolerPasswords }, { dependsOn: access });

// PgBouncer looks logins up on replicas, by a function of the SQL files.
const logins = new LoginsInForce(
  "logins-in-force",
  { members: memberContainers, passwords: credentials },
  { dependsOn: [access, sql.last] },
);

// Sensitive settings are encrypted with a key that is outside of the database.
const version = configuration.secrets.configurationKey;
const { keys } = new ConfigurationKeys("configuration-keys", { version }, { protect: dataVolumes.protect });
new ConfigurationKeyFiles("configuration-key-files", { keys, version, connection }, { dependsOn: sql.last });

const pools = new Pools(
  "pools",
  {
    instances: pgbouncer.instances,
    pools: poolsOf({
      instances: configuration.pgbouncer.instances,
      writer: haproxy.writer,
      reader: haproxy.reader,
      pools: configuration.pgbouncer.pools,
      readerPool: configuration.pgbouncer.reader,
    }),
    passwords: credentials.valid(PGBOUNCER_LOGIN),
  },
  // Before, an HAProxy that is added has no members, or is not there.
  { dependsOn: haproxyServers },
);
const redis = new RedisCluster("redis", {
  host: hosts[0]!,
  image: images.id("redis"),
  port: ports.redis,
  settings: configuration.redis,
  passwords: redisPasswords(credentials),
  adminPasswords: credentials.valid(ACCOUNT.redisAdmin),
});

const rotations = new Rotations("rotations", configuration.secrets, {
  dependsOn: [parameters, haproxyServers, access, logins, pools, redis],
});
new StackHealth(
  "stack-health",
  hosts.flatMap((host) => host.containers),
  { dependsOn: [rotations, sql.last, etcd] },
);

export default stackOutputs({
  configuration,
  address,
  passwords: credentials,
  logins,
  authority,
  hosts,
  cluster,
  parameters,
  pooler: pgbouncer,
  redis,
  sql,
});
