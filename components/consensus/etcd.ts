/** The port on which clients reach a member, and the one on which members reach each other. */
export const CLIENT_PORT = 2379;
export const PEER_PORT = 2380;
/** `/livez` and metrics, answered also while the cluster has no quorum. */
export const METRICS_PORT = 2381;

/**
 * The command line of one etcd member. Everything is a flag, so that a member's whole configuration stands
 * in the preview.
 *
 * @param member   the member's alias
 * @param members  the aliases of all members, in order
 * @param token    keeps members of different stacks from joining each other
 */
export function etcdCommand(member: string, members: readonly string[], token: string): string[] {
  const flags: Record<string, string> = {
    name: member,
    "data-dir": "/var/lib/etcd",
    "listen-client-urls": `http://0.0.0.0:${CLIENT_PORT}`,
    "advertise-client-urls": `http://${member}:${CLIENT_PORT}`,
    "listen-peer-urls": `http://0.0.0.0:${PEER_PORT}`,
    "initial-advertise-peer-urls": `http://${member}:${PEER_PORT}`,
    "listen-metrics-urls": `http://0.0.0.0:${METRICS_PORT}`,
    "initial-cluster": members.map((m) => `${m}=http://${m}:${PEER_PORT}`).join(","),
    "initial-cluster-token": token,
    "initial-cluster-state": "new",
    // Patroni writes a few keys every loop_wait: without compaction the history would grow for ever.
    "auto-compaction-mode": "periodic",
    "auto-compaction-retention": "1h",
    "log-level": "warn",
  };
  return ["etcd", ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)];
}
