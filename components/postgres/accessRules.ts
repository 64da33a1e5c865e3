import {
  CLIENT_GROUP,
  DATABASE,
  DEPLOYER,
  REPLICATION_LOGIN,
  REWIND_LOGIN,
  SUPERUSER,
} from "../access/logins.ts";

/**
 * The lines of `pg_hba.conf`, which Patroni writes on every member: the first that fits a connection decides.
 *
 * Every connection comes from the stack's own network: clients' through PgBouncer and HAProxy, those to a
 * published port through the engine's proxy. From anywhere else, or without TLS, nobody is let in; the superuser over the
 * server's local socket only.
 */
export const ACCESS_RULES: readonly string[] = [
  `local all ${SUPERUSER} peer`,
  "local all all scram-sha-256",
  `hostssl replication ${REPLICATION_LOGIN} samenet scram-sha-256`,
  `hostssl postgres ${REWIND_LOGIN} samenet scram-sha-256`,
  `host all ${REPLICATION_LOGIN},${REWIND_LOGIN} all reject`,
  // Roles and grants; of the databases that every server has they need the one of this name.
  `hostssl ${DATABASE},postgres ${DEPLOYER} samenet scram-sha-256`,
  `hostssl ${DATABASE} +${CLIENT_GROUP} samenet scram-sha-256`,
  "host all all all reject",
];
