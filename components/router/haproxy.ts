/** Inside the container: the primary, the replicas, and statistics with `/healthz`. */
export const WRITER_PORT = 5000;
export const READER_PORT = 5001;
export const STATS_PORT = 8404;

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
 * HAProxy's configuration for one PostgreSQL cluster.
 *
 * - Which member is the primary is asked of Patroni every second; a member that stops being it loses its
 *   sessions at once, so that no client keeps writing to it.
 * - Reads go to the replicas within the lag limit, to the primary when there is none.
 * - Addresses are looked up again while running: a replaced container has another one.
 *
 * @param resolver  a DNS server as `address:port`; Docker's embedded one by default
 */
export function haproxyConfiguration(members: readonly RoutedMember[], resolver = "127.0.0.11:53"): string {
  const servers = members.map((m) => `  server ${m.name} ${m.host}:${m.port} check port ${m.checkPort}`);
  return [
    "global",
    "  log stdout format raw local0 notice",
    // Each takes two of the file descriptors that an engine allows, which may be few.
    "  maxconn 4000",
    "  hard-stop-after 30s",
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
    "  retries 1",
    "  default-server inter 1s fastinter 500ms downinter 500ms fall 2 rise 1 on-marked-down shutdown-sessions resolvers dns init-addr last,libc,none",
    "",
    "frontend writer",
    `  bind :${WRITER_PORT}`,
    "  default_backend writer",
    "",
    "frontend reader",
    `  bind :${READER_PORT}`,
    "  use_backend writer if { nbsrv(reader) eq 0 }",
    "  default_backend reader",
    "",
    "backend writer",
    "  option httpchk GET /primary",
    "  http-check expect status 200",
    ...servers,
    "",
    "backend reader",
    "  balance leastconn",
    `  option httpchk GET /replica?lag=${MAX_REPLICA_LAG}`,
    "  http-check expect status 200",
    ...servers,
    "",
    "frontend stats",
    `  bind :${STATS_PORT}`,
    "  mode http",
    "  timeout client 10s",
    "  monitor-uri /healthz",
    "  http-request use-service prometheus-exporter if { path /metrics }",
    "  stats enable",
    "  stats uri /stats",
    "",
  ].join("\n");
}
