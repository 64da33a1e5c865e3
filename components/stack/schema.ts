import { z } from "zod";
import { KEEP, PARTITIONED_TABLES } from "../migrations/retention.ts";
import { MAX_HAPROXY_INSTANCES } from "../haproxy/names.ts";
import { dataName, volumeName } from "./data.ts";
import { poolDefaults, readerPoolDefault } from "./defaults.ts";
import {
  clientName,
  cost,
  hosts,
  key,
  limits,
  pool,
  port,
  prefixPattern,
  ttl,
  whole,
} from "./schemaParts.ts";

const rotationCounter = whole(1, 1_000_000);

/** The configuration of a stack as an operator writes it: every key, its default and its limits. */
export const configurationSchema = z.strictObject({
  prefix: key(z.string().regex(prefixPattern).optional(), {
    meaning: "Starts the name of every container, volume and network. Default: `acgs-<stack>`.",
    allowed: "lower-case letters, digits and inner hyphens, at most 40",
    impact: "for a new stack only: refused on a running one, whose volumes it names",
    example: "acgs-dev",
  }),
  environment: key(z.enum(["production", "development"]).default("production"), {
    meaning: "Whether the rules of production hold for the stack: see `policy/`.",
    allowed: '"production" or "development"',
    impact: cost.none,
  }),
  hosts: key(hosts, {
    meaning:
      "The machine that carries the containers: its Docker endpoint, where clients reach it, where it publishes ports.",
    allowed: "a list of one host with `name`, `docker`, `address` and, if need be, `bind`",
    impact: "see its parts; another engine has none of the data",
  }),
  ports: z
    .strictObject({
      pgbouncer: port(6432, "The first PgBouncer; the others follow."),
      postgres: port(5432, "The primary through HAProxy; the members themselves follow."),
      patroni: port(8008, "Patroni's REST API of the first member; the others follow."),
      redis: key(whole(1, 55_535).default(6379), {
        meaning: "The first Redis node; the others follow. The cluster bus takes port + 10000.",
        allowed: "a whole number from 1 to 55535, apart from the stack's other ports",
        impact: cost.containers,
      }),
    })
    .prefault({}),
  etcd: z
    .strictObject({
      members: key(z.literal([1, 3, 5]).default(1), {
        meaning: "Members of the etcd cluster that holds the leader's lock.",
        allowed: "1, 3 or 5: an even member adds a way to fail and no safety",
        impact: "for a new stack only: refused on a running one",
      }),
    })
    .prefault({}),
  postgres: z
    .strictObject({
      members: key(whole(1, 7).default(2), {
        meaning: "PostgreSQL servers, the primary among them.",
        allowed: "a whole number from 1 to 7",
        impact: "members are added, or taken away with their volumes; the HAProxies reload",
      }),
      synchronous: key(z.enum(["off", "quorum"]).default("off"), {
        meaning: "Whether a commit waits until a quorum of replicas has it too.",
        allowed: '"off" or "quorum" (in quotes); "quorum" needs 3 members',
        impact: cost.reload,
      }),
      memoryMb: key(whole(limits.memoryMb.least, limits.memoryMb.most).default(1024), {
        meaning: "Memory of one member's container, in MB; sizing works on it.",
        allowed: "a whole number from 1024 (1 GiB) to 1048576 (1 TiB)",
        impact: "the limit at once, the sizing after a restart; at most halved by one update",
      }),
      cpus: key(whole(1, 128).default(2), {
        meaning: "Cores that one member may count on; sizing works on it.",
        allowed: "a whole number from 1 to 128",
        impact: cost.restart,
      }),
      storage: key(z.enum(["ssd", "nvme", "hdd"]).default("ssd"), {
        meaning: "Kind of disk under the data; gives the planner's costs.",
        allowed: '"ssd", "nvme" or "hdd"',
        impact: cost.reload,
      }),
      workload: key(z.enum(["oltp", "mixed", "olap"]).default("oltp"), {
        meaning: "What the sizing favours: many short, mixed, or few long queries.",
        allowed: '"oltp", "mixed" or "olap"',
        impact: "reload, or pending restart where the preview says so",
      }),
      maxConnections: key(whole(limits.maxConnections.least, limits.maxConnections.most).default(200), {
        meaning: "Server connections of one member. The requirements say 200.",
        allowed: "a whole number from 20 to 5000, enough for all pools",
        impact: cost.restart,
      }),
      restart: key(z.enum(["manual", "rolling"]).default("manual"), {
        meaning:
          "Whether `up` restarts the members one after the other where a parameter takes it, while clients wait a moment, or lists what waits for `npm run restart`.",
        allowed: '"manual" or "rolling"',
        impact: "what waits for a restart comes into force, when set to `rolling`",
      }),
      parameters: key(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}), {
        meaning: "PostgreSQL parameters of your own; they win over the sizing.",
        allowed:
          "names and values that PostgreSQL 15 takes, other than those that docs/parameters.md keeps or calls dangerous",
        impact: "reload or pending restart: the preview says which",
        example: { work_mem: "8MB" },
      }),
    })
    .prefault({}),
  haproxy: z
    .strictObject({
      instances: key(whole(1, MAX_HAPROXY_INSTANCES).default(1), {
        meaning: "HAProxies between PgBouncer and PostgreSQL.",
        allowed: `a whole number from 1 to ${MAX_HAPROXY_INSTANCES}`,
        impact: "containers are added or taken away; PgBouncer reloads",
      }),
    })
    .prefault({}),
  pgbouncer: z
    .strictObject({
      instances: key(whole(1, 8).default(1), {
        meaning:
          "PgBouncers; the server connections of each pool are shared out among them, rounded up. Each takes all of its clients.",
        allowed: "a whole number from 1 to 8",
        impact: "containers are added or taken away; the others reload",
      }),
      pools: z
        .strictObject({
          auth_service: pool("`auth_service`", poolDefaults.auth_service),
          ac_service: pool("`ac_service`", poolDefaults.ac_service),
          integrity_service: pool("`integrity_service`", poolDefaults.integrity_service),
          fv_service: pool("`fv_service`", poolDefaults.fv_service),
          gs_service: pool("`gs_service`", poolDefaults.gs_service),
          pgc_service: pool("`pgc_service`", poolDefaults.pgc_service),
          ec_service: pool("`ec_service`", poolDefaults.ec_service),
          dgm_service: pool("`dgm_service`", poolDefaults.dgm_service),
          acgs_user: pool("`acgs_user`", poolDefaults.acgs_user),
        })
        .prefault({}),
      reader: pool("Each login on `acgs_db_ro`", readerPoolDefault),
    })
    .prefault({}),
  redis: z
    .strictObject({
      masters: key(whole(3, 100).default(3), {
        meaning: "Redis nodes that own hash slots.",
        allowed: "a whole number from 3 to 100: a Redis cluster needs a majority of masters",
        impact:
          "nodes come or go, slots and keys move while clients read and write; refused where keys have no place",
      }),
      replicasPerMaster: key(whole(0, 5).default(1), {
        meaning: "Replicas of each master. With 0 a lost node's share of the cache is gone.",
        allowed: "a whole number from 0 to 5",
        impact: "replicas are added, or taken away with their volumes; no other node is touched",
      }),
      maxMemoryMb: key(whole(16, 1_048_576).default(64), {
        meaning: "Memory for the data of one node, in MB; beyond it the least recently used keys go.",
        allowed: "a whole number from 16 to 1048576",
        impact: "set on the running nodes",
      }),
      maxClients: key(whole(20, 10_000).default(100), {
        meaning:
          "Client connections of one node. The requirements say 100 in development, 500 in production.",
        allowed: "a whole number from 20 to 10000",
        impact: "set on the running nodes",
      }),
    })
    .prefault({}),
  partitions: z
    .strictObject({
      premakeMonths: key(whole(1, 60).default(6), {
        meaning: "Monthly partitions that are made ahead.",
        allowed: "a whole number from 1 to 60",
        impact: "partitions are added during the update; no lock on those in use",
      }),
      retentionMonths: key(whole(1, 1200).default(12), {
        meaning: "Full months before the current one that a partitioned table keeps.",
        allowed: "a whole number from 1 to 1200",
        impact: "lowering it **drops older partitions** in the next night",
      }),
      retention: key(
        z.partialRecord(z.enum(PARTITIONED_TABLES), z.union([whole(1, 1200), z.literal(KEEP)])).default({}),
        {
          meaning:
            "The same for single tables, such as `pgc.policy_decisions: 24`. `integrity.audit_logs` keeps all unless named here.",
          allowed: "tables that are partitioned by month, each with months from 1 to 1200 or `keep` for all",
          impact: "lowering one **drops older partitions** in the next night",
        },
      ),
    })
    .prefault({}),
  dataVolumes: z
    .strictObject({
      protect: key(z.boolean().default(true), {
        meaning: "Pulumi refuses to delete or replace a data volume.",
        allowed: "true or false",
        impact: cost.none,
      }),
      retain: key(z.boolean().default(true), {
        meaning: "A data volume that leaves the stack stays on its host.",
        allowed: "true or false",
        impact: cost.none,
      }),
    })
    .prefault({}),
  allowDataLoss: key(z.array(z.string().regex(dataName)).default([]), {
    meaning: "Data that may be deleted or replaced although `dataVolumes.protect` is true, by name.",
    allowed: "a list of data volumes, such as `postgres-3-data`, and `database`",
    impact: "nothing runs differently; from then on Pulumi no longer refuses to delete what is named",
    example: ["postgres-3-data"],
  }),
  adoptVolumes: key(z.array(z.string().regex(volumeName)).default([]), {
    meaning:
      "Volumes under the stack's names that it takes as its own although they do not carry its mark: restored ones, say.",
    allowed: "a list of volumes without the prefix, such as `postgres-3-data`",
    impact: "what is named is written to, whoever made it",
    example: ["postgres-3-data"],
  }),
  passwords: key(z.record(z.string(), z.string()).default({}), {
    meaning: "Passwords of your own, by account; all others are generated. Set each with `--secret`.",
    allowed: "a mapping of accounts to secrets of 12 to 128 printable ASCII characters without spaces",
    impact: "of a login and of `redis`: at once, sessions stay; of internal accounts: for a new stack only",
  }),
  tls: z
    .strictObject({
      names: key(z.array(clientName).default([]), {
        meaning:
          "Further names and addresses under which clients reach the stack: its certificates name them.",
        allowed: "a list of host names and IP addresses",
        impact: "certificates are issued again and applied by a reload",
      }),
      validDays: key(whole(3, 825).default(365), {
        meaning:
          "Days that a certificate is valid. The first `up` in each third of that time makes all anew; the authority itself is valid for ten years.",
        allowed: "a whole number from 3 to 825",
        impact: "certificates are issued again and applied by a reload",
      }),
      renewal: key(whole(0, 1_000_000).default(0), {
        meaning: "Raise it to replace all certificates at once.",
        allowed: "a whole number from 0 to 1000000",
        impact: "certificates are issued again and applied by a reload",
      }),
    })
    .prefault({}),
  certificateAuthority: key(
    z.strictObject({ certificate: z.string().min(1), key: z.string().min(1) }).optional(),
    {
      meaning:
        "An authority of your own that signs the stack's certificates, in PEM. Default: one is made for the stack. Set both parts with `--secret`.",
      allowed: "a mapping of `certificate` and `key` (unencrypted PKCS #8)",
      impact:
        "certificates are issued again and applied by a reload; clients have to trust the new authority first",
    },
  ),
  secrets: z
    .strictObject({
      configurationKey: key(whole(1, 1_000_000).default(1), {
        meaning:
          "Version of the key that sensitive settings (`dgm.system_configurations`) are encrypted with. One more makes a new key.",
        allowed: "a whole number from 1 to 1000000, never less than before",
        impact: "values are encrypted anew while readers go on; writers of settings wait for a moment",
      }),
      rotation: key(z.union([rotationCounter, z.record(z.string(), rotationCounter)]).default(1), {
        meaning:
          "Version of clients' passwords. One more makes new ones, for `<login>_2` and `<login>` in turn; those before stay valid until the next time.",
        allowed:
          "a whole number from 1 to 1000000, or a mapping of logins (or `redis`) to such; one more at a time",
        impact:
          "outputs have the new login and password; clients with the one before go on, no container is touched",
      }),
      internalRotation: key(rotationCounter.default(1), {
        meaning:
          "Version of the passwords of internal accounts: of `acgs_deployer`, PgBouncer's console, Patroni's API, Redis' administrator and its nodes.",
        allowed: "a whole number from 1 to 1000000, one more at a time",
        impact: "files are written again and applied by a reload; clients go on, no container is replaced",
      }),
    })
    .prefault({}),
  cache: z
    .strictObject({
      userSessions: ttl("userSessions", "a user's session"),
      authTokens: ttl("authTokens", "an authentication token"),
      policyDecisions: ttl("policyDecisions", "a policy decision"),
      governanceRules: ttl("governanceRules", "a governance rule"),
      staticConfiguration: ttl("staticConfiguration", "static configuration"),
      apiResponses: ttl("apiResponses", "an API response"),
      complianceChecks: ttl("complianceChecks", "a compliance check"),
      synthesisResults: ttl("synthesisResults", "a synthesis result"),
    })
    .prefault({}),
});

/** What the schema makes of a valid configuration. */
export type ConfigurationValues = z.output<typeof configurationSchema>;
