import {
  CLIENT_GROUP,
  DATABASE,
  DEPLOYER,
  PGBOUNCER_LOGIN,
  REPLICATION_LOGIN,
  REWIND_LOGIN,
  SUPERUSER,
} from "../../lib/names.ts";

/** Internal logins that show a certificate and have no password. */
const BY_CERTIFICATE = [REPLICATION_LOGIN, REWIND_LOGIN, PGBOUNCER_LOGIN].join(",");
const MAP = "map=internal";

/**
 * The lines of `pg_hba.conf`, which Patroni writes on every member: the first that fits a connection decides.
 *
 * Every connection comes from the stack's own network: clients' through PgBouncer and HAProxy, those to a
 * published port through the engine's proxy. The server refuses connections from anywhere else or without
 * TLS, and the superuser everywhere but on its local socket.
 */
export const ACCESS_RULES: readonly string[] = [
  `local all ${SUPERUSER} peer`,
  "local all all scram-sha-256",
  `hostssl replication ${REPLICATION_LOGIN} samenet cert ${MAP}`,
  `hostssl postgres ${REWIND_LOGIN} samenet cert ${MAP}`,
  `hostssl ${DATABASE} ${PGBOUNCER_LOGIN} samenet cert ${MAP}`,
  `host all ${BY_CERTIFICATE} all reject`,
  // Roles and grants; of the databases that every server has they need the one of this name.
  `hostssl ${DATABASE},postgres ${DEPLOYER} samenet scram-sha-256`,
  `hostssl ${DATABASE} +${CLIENT_GROUP} samenet scram-sha-256`,
  "host all all all reject",
];

/**
 * The lines of `pg_ident.conf`: who a container may log in as, by its alias, which is the common name of its certificate.
 * Every container has a certificate of the same authority.
 */
export const CERTIFICATE_LOGINS: readonly string[] = [
  `internal /^postgres-[0-9]+$ ${REPLICATION_LOGIN}`,
  `internal /^postgres-[0-9]+$ ${REWIND_LOGIN}`,
  `internal /^pgbouncer-[0-9]+$ ${PGBOUNCER_LOGIN}`,
];
