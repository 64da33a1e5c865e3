import "./components/stack/plainStackTraces.ts";
import * as pulumi from "@pulumi/pulumi";
import { Access } from "./components/roles/databaseAccess.ts";
import { connectionLimits } from "./components/roles/connectionLimits.ts";
import { ACCOUNT, DATABASE, POOLER_LOGIN } from "./lib/names.ts";
import { EtcdCluster } from "./components/etcd/etcdCluster.ts";
import { servicesWithSql, sqlSchemas } from "./components/migrations/sqlSchemas.ts";
import { Foundation } from "./components/stack/stackGuard.ts";
import { Host } from "./components/docker/host.ts";
import { Images } from "./components/docker/images.ts";
import { place } from "./components/docker/placement.ts";
import { Pooler, poolsOf } from "./components/pgbouncer/pgbouncer.ts";
import { Pools } from "./components/pgbouncer/pools.ts";
import { ACCESS_RULES } from "./components/postgres/accessRules.ts";
import { containersOf, PostgresCluster } from "./components/postgres/postgresCluster.ts";
import { PostgresParameters } from "./components/postgres/parameters.ts";
import { clusterRules, REST_USER } from "./components/postgres/patroni.ts";
import {
  parameterChecks,
  parameterWarning,
  wantedParameters,
} from "./components/postgres/desiredParameters.ts";
import { RedisCluster } from "./components/redis/redisCluster.ts";
import { redisPasswords } from "./components/redis/users.ts";
import { Routers } from "./components/haproxy/haproxyCluster.ts";
import { Routes } from "./components/haproxy/haproxyServers.ts";
import { Accounts } from "./components/security/credentials.ts";
import { CertificateAuthority } from "./components/security/certificateAuthority.ts";
import { authorityFile } from "./components/security/authorityFile.ts";
import { certificateTerms } from "./components/security/certificatePolicy.ts";
import { ConfigurationKeyFiles } from "./components/security/configurationKeyFiles.ts";
import { ConfigurationKeys } from "./components/security/configurationKeys.ts";
import { Rotations } from "./components/security/rotation/rotations.ts";
import { stackOutputs } from "./components/stack/stackOutputs.ts";
import { DATABASE_NAME, isAnyProtected, isProtected } from "./components/stack/data.ts";
import { loadConfiguration } from "./components/stack/read.ts";

const { configuration, passwords: ownPasswords, certificateAuthority } = loadConfiguration(parameterChecks);
const warning = parameterWarning(configuration.postgres);
if (warning) void pulumi.log.warn(warning);
const { prefix, ports, postgres } = configuration;
const dataVolumes = { ...configuration.dataVolumes, allowDataLoss: configuration.allowDataLoss };

new Foundation("foundation", configuration);
const passwords = new Accounts({
  own: ownPasswords,
  ownAccounts: configuration.ownPasswords,
  rotation: configuration.secrets.rotation,
  machineryRotation: configuration.secrets.machineryRotation,
  // Without them, protected data would be out of reach.
  protect: isAnyProtected(configuration),
});
const authority = new CertificateAuthority(
  "certificate-authority",
  { name: prefix, ...(certificateAuthority && { own: certificateAuthority }) },
  { protect: dataVolumes.protect },
);
const certificates = certificateTerms(configuration.tls);
const hosts = configuration.hosts.map(
  (host) => new Host(host.name, { ...host, prefix, dataVolumes, authority, certificates }),
);
const images = new Images("images", { host: hosts[0]! });
const { address } = hosts[0]!;

// What clients connect to: PgBouncer, and HAProxy, which follows the primary.
const routers = new Routers("haproxy", {
  instances: place("haproxy", configuration.haproxy.instances, hosts),
  image: images.id("haproxy"),
  writerPort: ports.postgres,
});
const pooler = new Pooler("pgbouncer", {
  instances: place("pgbouncer", configuration.pgbouncer.instances, hosts),
  image: images.id("pgbouncer"),
  port: ports.pgbouncer,
  password: passwords.password(POOLER_LOGIN),
});
const chain = {
  routers: routers.instances,
  poolers: pooler.instances,
  poolerPasswords: passwords.valid(POOLER_LOGIN),
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
    passwords,
    port: ports.postgres + 1,
    restPort: ports.patroni,
    chain,
  },
  { dependsOn: etcd },
);
const parameters = new PostgresParameters(
  "parameters",
  {
    members: cluster.members,
    parameters: wantedParameters(postgres),
    restart: postgres.restart,
    accessRules: ACCESS_RULES,
    clusterRules: clusterRules(postgres.members, postgres.synchronous),
    restUser: REST_USER,
    restPasswords: passwords.valid(REST_USER),
    chain,
  },
  { dependsOn: cluster },
);
// After the parameters: there a member that leaves has given up the primary's place.
const routes = new Routes(
  "routes",
  { members: cluster.routes, chain },
  { dependsOn: [parameters, routers, pooler] },
);

// What is in the database: roles and schemas first, then the SQL files.
const memberContainers = containersOf(cluster.members);
const access = new Access(
  "access",
  {
    host: address,
    port: ports.postgres,
    members: memberContainers,
    passwords,
    authorityFile: authorityFile(authority.certificate),
    connectionLimits: connectionLimits(configuration),
    services: servicesWithSql(),
    protect: isProtected(DATABASE_NAME, configuration),
    deletedWith: cluster.volumes[0]!,
  },
  { dependsOn: routes },
);
const connection = { database: DATABASE, members: memberContainers };
const sql = sqlSchemas({ connection, partitions: configuration.partitions }, { dependsOn: access });

// Sensitive settings are encrypted with a key that is outside of the database.
const version = configuration.secrets.configurationKey;
const { keys } = new ConfigurationKeys("configuration-keys", { version }, { protect: dataVolumes.protect });
new ConfigurationKeyFiles("configuration-key-files", { keys, version, connection }, { dependsOn: sql.last });

const pools = new Pools(
  "pools",
  {
    instances: pooler.instances,
    pools: poolsOf({
      instances: configuration.pgbouncer.instances,
      writer: routers.writer,
      reader: routers.reader,
      pools: configuration.pgbouncer.pools,
      readerPool: configuration.pgbouncer.reader,
    }),
    passwords: passwords.valid(POOLER_LOGIN),
  },
  { dependsOn: pooler },
);
const redis = new RedisCluster("redis", {
  host: hosts[0]!,
  image: images.id("redis"),
  port: ports.redis,
  settings: configuration.redis,
  passwords: redisPasswords(passwords),
  adminPasswords: passwords.valid(ACCOUNT.redisAdmin),
});

new Rotations("rotations", configuration.secrets, { dependsOn: [parameters, routes, access, pools, redis] });

export default stackOutputs({
  configuration,
  address,
  passwords,
  authority,
  hosts,
  cluster,
  parameters,
  pooler,
  redis,
  sql,
});
