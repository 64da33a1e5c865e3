/** A service of ACGS-1 with its login and its schema, which has the same short name. */
export interface Service {
  readonly login: string;
  readonly schema: ServiceSchema;
}

/** The schemas of the eight services; the order is the one in which their SQL is applied. */
export const SERVICE_SCHEMAS = ["auth", "ac", "integrity", "fv", "gs", "pgc", "ec", "dgm"] as const;

export type ServiceSchema = (typeof SERVICE_SCHEMAS)[number];

export const SERVICES: readonly Service[] = SERVICE_SCHEMAS.map((schema) => ({
  login: `${schema}_service`,
  schema,
}));

/** Owns every object and cannot log in: SQL files run as it. */
export const OWNER = "acgs_owner";
/** The application at large: reads and writes in every service's schema. */
export const APPLICATION_LOGIN = "acgs_user";
/** People who look: reads every service's schema, on replicas too. */
export const READONLY_LOGIN = "acgs_readonly";
/** The report and exporters: reads as the former, and the statistics of all logins. */
export const MONITOR_LOGIN = "acgs_monitor";

/** Roles that only hold privileges: to connect, to read every service's schema, to write there. */
export const CLIENT_GROUP = "acgs_client";
export const READER_GROUP = "acgs_reader";
export const WRITER_GROUP = "acgs_writer";

/** Whose grants tell pgaudit what to log; no login, no member. Made by sql/platform/R__audit.sql. */
export const AUDITOR = "acgs_audit";
/** Reads the keys of encrypted values, in functions of its own; no login, no member. Made by sql/platform/R__vault.sql. */
export const VAULT = "acgs_vault";

/** Owner of the server, over its local socket only, without a password. */
export const SUPERUSER = "postgres";
/**
 * Roles whose members are as good as the superuser: with three of them they read and write the server's files or run programs
 * there; with the others they read every password's verifier (pg_authid), or write jobs that pg_cron runs as the superuser.
 * The other predefined roles of PostgreSQL 15 reach no further than statistics, settings, CHECKPOINT and others' sessions,
 * and nobody can be made a member of pg_database_owner.
 */
export const SUPERUSER_LIKE_ROLES: readonly string[] = [
  SUPERUSER,
  "pg_execute_server_program",
  "pg_read_server_files",
  "pg_write_server_files",
  "pg_read_all_data",
  "pg_write_all_data",
];
/** Makes roles, database and schemas over the network; a member of {@link OWNER}, and no superuser. */
export const DEPLOYER = "acgs_deployer";
/** Created by Patroni when the cluster is bootstrapped. They have no password: members show their certificates. */
export const REPLICATION_LOGIN = "replicator";
export const REWIND_LOGIN = "rewind";
/** Jobs of pg_cron that vacuum, analyze and rebuild: has the owner's rights, and no password (`sql/platform`). */
export const UPKEEP_ROLE = "acgs_upkeep";
/** Looks up verifiers for PgBouncer, which shows its certificate; under the same name deployments ask its console. */
export const PGBOUNCER_LOGIN = "pgbouncer";

/** Logins of the application and the services: each has a pool of its own and URLs among the outputs. */
export const CLIENT_LOGINS: readonly string[] = [
  APPLICATION_LOGIN,
  ...SERVICES.map((service) => service.login),
];

/** The database; through PgBouncer also the pool of {@link APPLICATION_LOGIN} for writes. */
export const DATABASE = "acgs_db";
/** Through PgBouncer: the same database on the replicas, for every login. */
export const READ_DATABASE = "acgs_db_ro";

/** Redis' users: of the applications, and of internal accounts. */
export const REDIS_LOGIN = "acgs";
export const REDIS_ADMIN_LOGIN = "admin";

/** Accounts that are no logins of PostgreSQL, under the names that `acgs-db:passwords` uses. */
export const ACCOUNT = { redis: "redis", redisAdmin: "redis-admin", patroni: "patroni" } as const;
/** Logins of applications, services and people. */
export const LOGIN_ACCOUNTS: readonly string[] = [...CLIENT_LOGINS, READONLY_LOGIN, MONITOR_LOGIN];
/** Accounts of clients: those, and Redis' user of the application at large. */
export const CLIENT_ACCOUNTS: readonly string[] = [...LOGIN_ACCOUNTS, ACCOUNT.redis];

/**
 * The second login of one of {@link LOGIN_ACCOUNTS}: a member of it, without rights of its own. The two hold a password in
 * turn, so that a former one is valid while clients change over (`components/security/rotation/versions.ts`).
 */
export function rotationLogin(login: string): string {
  return `${login}_2`;
}

/** The second logins of all of them. No accounts: their passwords are never the operator's own. */
export const ROTATION_LOGINS: readonly string[] = LOGIN_ACCOUNTS.map(rotationLogin);

/** Internal logins of PostgreSQL, beside the superuser. */
export const INTERNAL_LOGINS: readonly string[] = [
  DEPLOYER,
  REPLICATION_LOGIN,
  REWIND_LOGIN,
  PGBOUNCER_LOGIN,
];
/**
 * Accounts of internal accounts: the deployer, and the administrators of PgBouncer's console, Patroni's API and Redis. Its other
 * logins have no password (`components/postgres/accessRules.ts`).
 */
export const INTERNAL_ACCOUNTS: readonly string[] = [
  DEPLOYER,
  PGBOUNCER_LOGIN,
  ACCOUNT.patroni,
  ACCOUNT.redisAdmin,
];
/** All accounts: the keys of `acgs-db:passwords`. */
export const ACCOUNTS: readonly string[] = [...CLIENT_ACCOUNTS, ...INTERNAL_ACCOUNTS];
