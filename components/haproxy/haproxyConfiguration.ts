import { FILES_DIRECTORY, TLS_FILE } from "../docker/filePaths.ts";
import { assertIdentifier } from "../../lib/text/identifier.ts";

/** Inside the container: the primary, the replicas, and statistics with `/healthz`. */
export const WRITER_PORT = 5000;
export const READER_PORT = 5001;
export const STATS_PORT = 8404;
/** On 127.0.0.1 of the container: `/healthz` for its health check, and the runtime API, which `haproxy-ask` of the image talks to. */
const RUNTIME_PORT = 9999;
const HEALTH_PORT = 8405;
/** Where the rest stands; the files of the container are fixed for its life. */
export const CONFIGURATION_FILE = `${FILES_DIRECTORY}/haproxy/haproxy.cfg`;
/** Where the members stand, in a volume. */
export const MEMBERS_FILE = "/var/lib/haproxy/members.cfg";

/**
 * Connections of one HAProxy: all server connections of all PgBouncers, of which `postgres.maxConnections` allows 5000 at most,
 * and clients that go past PgBouncer. Each takes two file descriptors.
 */
export const MAX_CONNECTIONS = 6000;

/** How long a new connection waits for a primary, in s: a lost host's place is taken after 20 s and a bit. */
export const HOLD_SECONDS = 28;

export interface RoutedMember {
  /** Name of the member, under which HAProxy's statistics show it. */
  name: string;
  /** Where PostgreSQL listens. */
  host: string;
  port: number;
  /** Port of Patroni's REST API on the same host. */
  checkPort: number;
}

/** A replica that replays more than this behind the primary gets no reads. In bytes, as Patroni takes it. */
export const MAX_REPLICA_LAG = "16MB";

/**
 * HAProxy's configuration without the members, fixed for the life of a container: members come from a file beside
 * it ({@link membersConfiguration}) and change by a reload.
 *
 * @param resolver  a DNS server as `address:port`; Docker's embedded one by default
 */
export function haproxyConfiguration(resolver = "127.0.0.11:53"): string {
  return [
    "global",
    "  log stdout format raw local0 notice",
    `  maxconn ${MAX_CONNECTIONS}`,
    `  stats socket ipv4@127.0.0.1:${RUNTIME_PORT} level admin`,
    // After a reload the former worker keeps its sessions until they end, at most so long.
    "  hard-stop-after 5m",
    `  ssl-default-bind-options ssl-min-ver TLSv1.2`,
    `  ssl-default-server-options ssl-min-ver TLSv1.2`,
    "  lua-load /usr/local/share/haproxy/wait-for-server.lua",
    "",
    "resolvers dns",
    `  nameserver dns1 ${resolver}`,
    "  resolve_retries 3",
    "  timeout resolve 1s",
    "  timeout retry 1s",
    "  hold valid 2s",
    "  hold nx 2s",
    "  hold obsolete 2s",
    "",
    "defaults",
    "  mode tcp",
    "  log global",
    "  option dontlognull",
    "  timeout connect 3s",
    "  timeout check 3s",
    // PgBouncer holds idle connections for long; dead peers are found by TCP keepalive instead.
    "  timeout client 24h",
    "  timeout server 24h",
    "  option clitcpka",
    "  option srvtcpka",
    // A connection that waits for a second attempt while its server is marked down is never closed (HAProxy 3.0.11).
    "  retries 0",
    "  default-server inter 1s fastinter 200ms downinter 300ms fall 2 rise 1 on-marked-down shutdown-sessions resolvers dns init-addr last,libc,none",
    "",
    "frontend stats",
    // Within the container without TLS, for its own health check.
    `  bind 127.0.0.1:${HEALTH_PORT}`,
    `  bind :${STATS_PORT} ssl crt ${TLS_FILE.certificate}`,
    "  mode http",
    "  timeout client 10s",
    "  monitor-uri /healthz",
    "  http-request use-service prometheus-exporter if { path /metrics }",
    "  stats enable",
    "  stats uri /stats",
    "",
  ].join("\n");
}

const CHECK_TLS = `check-ssl verify required ca-file ${TLS_FILE.authority}`;

/**
 * What is changed by a reload: the members, the addresses for writing and reading.
 *
 * - Which member is the primary is asked of Patroni every second; a member that stops being it loses its
 *   sessions at once, so that no client keeps writing to it.
 * - Reads go to the replicas within the lag limit; to the primary when there is none, which shows as sessions of the
 *   backend `reader_on_primary`. One that falls behind gets no new sessions, and those that run end well; one that is no
 *   replica any more, or is away, loses them.
 * - A connection that comes while there is neither waits until another member has taken over.
 * - Addresses are looked up again while running: a replaced container has another one.
 */
export function membersConfiguration(members: readonly RoutedMember[]): string {
  for (const { name, host } of members) [name, host].forEach((word) => assertIdentifier(word, "HAProxy"));
  const servers = members.map(
    (m) =>
      `  server ${m.name} ${m.host}:${m.port} check port ${m.checkPort} ${CHECK_TLS} check-sni ${m.host} verifyhost ${m.host}`,
  );
  return [
    "frontend writer",
    `  bind :${WRITER_PORT}`,
    `  tcp-request inspect-delay ${HOLD_SECONDS}s`,
    "  tcp-request content lua.wait_for_server writer writer",
    "  default_backend writer",
    "",
    "frontend reader",
    `  bind :${READER_PORT}`,
    `  tcp-request inspect-delay ${HOLD_SECONDS}s`,
    "  tcp-request content lua.wait_for_server reader writer",
    "  use_backend reader_on_primary if { nbsrv(reader) eq 0 }",
    "  default_backend reader",
    "",
    "backend writer",
    "  option httpchk GET /primary",
    "  http-check expect status 200",
    // Patroni says 200 as soon as a member has the leader's lock, which is before its promotion is through.
    '  http-check expect string "\\"role\\": \\"primary\\""',
    ...servers,
    "",
    "backend reader",
    "  balance leastconn",
    `  option httpchk GET /replica?lag=${MAX_REPLICA_LAG}`,
    '  http-check expect string "\\"state\\": \\"running\\""',
    '  http-check expect string "\\"role\\": \\"replica\\""',
    // A replica that runs and lags is not down: HAProxy calls it NOLB, sends nothing new there and lets sessions go on.
    "  http-check expect error-status L7OKC status 200",
    ...servers,
    "",
    // A backend of its own, so that statistics and metrics tell reads that no replica was fit for.
    "backend reader_on_primary",
    ...members.map((m) => `  server ${m.name} ${m.host}:${m.port} track writer/${m.name}`),
    "",
  ].join("\n");
}

/** Reads back which members {@link membersConfiguration} wrote, by name. */
export function parseMembers(file: string): Record<string, Omit<RoutedMember, "name">> {
  const servers = file.matchAll(/^ {2}server (\S+) (\S+):(\d+) check port (\d+) /gm);
  return Object.fromEntries(
    [...servers].map(([, name, host, port, checkPort]) => [
      name!,
      { host: host!, port: Number(port), checkPort: Number(checkPort) },
    ]),
  );
}
