import { MONITOR_LOGIN, PGBOUNCER_LOGIN, rotationLogin } from "../../lib/names.ts";
import { FILES_DIRECTORY, TLS_FILE } from "../docker/containerFiles.ts";
import { isStorableText } from "../../lib/text/storable.ts";
import { assertIdentifier } from "../../lib/text/identifier.ts";
import { HOLD_SECONDS } from "../haproxy/haproxyConfiguration.ts";
import { readsAsVerifier } from "../security/scram.ts";

export const PORT = 6432;
/** Entry that PgBouncer itself uses to look up verifiers. */
export const AUTH_DATABASE = "pgbouncer_auth";
/** Where the rest stands, fixed for the life of a container. */
export const CONFIGURATION_FILE = `${FILES_DIRECTORY}/pgbouncer/pgbouncer.ini`;
export const USERS_FILE = `${FILES_DIRECTORY}/pgbouncer/userlist.txt`;
export const POOLS_FILE = "/var/lib/pgbouncer/pools.ini";

/** Connections to the console, which count as clients: of the deployment, of exporters, of people. */
const CONSOLES = 100;

/**
 * PgBouncer's configuration without the pools: what stands here is fixed for the life of a container; the
 * pools come by `%include` and change by a reload.
 *
 * @param maxClients  clients of all pools together
 */
export function pgbouncerConfiguration(maxClients: number): string {
  const settings: Record<string, string | number> = {
    listen_addr: "0.0.0.0",
    listen_port: PORT,
    unix_socket_dir: "",
    auth_type: "scram-sha-256",
    auth_file: USERS_FILE,
    auth_user: PGBOUNCER_LOGIN,
    auth_dbname: AUTH_DATABASE,
    auth_query: "SELECT usename, passwd FROM pgbouncer.get_auth($1)",
    admin_users: PGBOUNCER_LOGIN,
    stats_users: [MONITOR_LOGIN, rotationLogin(MONITOR_LOGIN)].join(", "),
    // Clients choose whom they trust; who they are, passwords say.
    client_tls_sslmode: "require",
    client_tls_cert_file: TLS_FILE.certificate,
    client_tls_key_file: TLS_FILE.key,
    client_tls_ca_file: TLS_FILE.authority,
    client_tls_protocols: "secure",
    // HAProxy passes TLS through: what is checked is the certificate of the server behind it, which names the router too.
    server_tls_sslmode: "verify-full",
    server_tls_ca_file: TLS_FILE.authority,
    // auth_user has no password at the server, which knows it by this certificate.
    server_tls_cert_file: TLS_FILE.certificate,
    server_tls_key_file: TLS_FILE.key,
    server_tls_protocols: "secure",
    pool_mode: "transaction",
    // Drivers prepare statements unasked; without this a second client's would clash.
    max_prepared_statements: 200,
    // Every driver of Java sends this one; the server's default is as exact. Any other is in force or refused (docs/connecting.md).
    ignore_startup_parameters: "extra_float_digits",
    // Beside application_name, client_encoding, DateStyle, TimeZone and standard_conforming_strings: what PostgreSQL 15 reports.
    track_extra_parameters: "IntervalStyle, default_transaction_read_only",
    max_client_conn: maxClients + CONSOLES,
    // The requirements' pool_timeout is 20 to 30 s: a client that waits longer gets an error.
    query_wait_timeout: 30,
    reserve_pool_timeout: 2,
    // After a failover the next attempt comes at once, and a replaced router's address is looked up soon.
    server_login_retry: 0.2,
    // A log-in waits in HAProxy until there is a primary. One that fails would be told to all clients of the pool.
    server_connect_timeout: HOLD_SECONDS + 2,
    // A peer that acknowledges nothing, connecting included, is given up. In ms.
    tcp_user_timeout: 5000,
    dns_max_ttl: 2,
    dns_nxdomain_ttl: 1,
    server_idle_timeout: 300,
    server_lifetime: 600,
    tcp_keepalive: 1,
    tcp_keepidle: 30,
    tcp_keepintvl: 10,
    tcp_keepcnt: 3,
    log_connections: 0,
    log_disconnections: 0,
    stats_period: 60,
  };
  return [
    "[pgbouncer]",
    ...Object.entries(settings).map(([key, value]) => `${key} = ${value}`),
    "",
    `%include ${POOLS_FILE}`,
    "",
  ].join("\n");
}

/** PgBouncer leaves out a user with a longer password (MAX_PASSWORD of 1.24). In bytes. */
const LONGEST_PASSWORD = 2047;

/**
 * The file with the one credential that PgBouncer holds, its console's: everyone else's is looked up.
 *
 * @throws RangeError for what PgBouncer would read otherwise; the password is not in its message
 */
export function userlist(login: string, password: string): string {
  assertIdentifier(login, "PgBouncer");
  const refuse = (why: string) => {
    throw new RangeError(`PgBouncer cannot read the password of ${login}: ${why}.`);
  };
  // The file's only escape is a doubled quote, and it has no way to hold a line break.
  if (/[\r\n]/.test(password) || !isStorableText(password))
    refuse("it holds a line break, NUL or half a character");
  if (readsAsVerifier(password)) refuse("it has the form of a verifier");
  if (password === "" || Buffer.byteLength(password) > LONGEST_PASSWORD) {
    refuse(`it has 0 or more than ${LONGEST_PASSWORD} bytes`);
  }
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
  return `${quote(login)} ${quote(password)}\n`;
}
