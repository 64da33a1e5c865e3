import { TLS_FILE } from "../docker/containerFiles.ts";
import { assertIdentifier } from "../../lib/text/identifier.ts";

/** The port on which clients reach a member, over HTTPS, and the one on which members reach each other. */
export const CLIENT_PORT = 2379;
export const PEER_PORT = 2380;
/** `/livez` and metrics, answered also while the cluster has no quorum; within the container only. */
const METRICS_PORT = 2381;
/** gRPC, without TLS: for etcdctl and etcd's own gateway from HTTP to gRPC; within the container only. */
const LOCAL_PORT = 2382;

/** Names in the certificates of those who may speak to etcd, and of its members; nobody is reached under them. */
export const ETCD_NAME = { client: "etcd-client", peer: "etcd-peer" } as const;

/**
 * The command line of one etcd member. Everything is a flag, so that the preview shows a member's whole
 * configuration.
 *
 * @param member   the member's alias
 * @param members  the aliases of all members, in order
 * @param token    keeps members of different stacks from joining each other
 * @throws RangeError for a name that would be more than one value of a flag
 */
export function etcdCommand(member: string, members: readonly string[], token: string): string[] {
  for (const word of [...members, token]) assertIdentifier(word, "etcd");
  const flags: Record<string, string | boolean> = {
    name: member,
    "data-dir": "/var/lib/etcd",
    "listen-client-http-urls": `https://0.0.0.0:${CLIENT_PORT}`,
    // The gateway, which Patroni speaks to, does not get past client-cert-allowed-hostname over TLS (etcd issue 15755).
    "listen-client-urls": `http://127.0.0.1:${LOCAL_PORT}`,
    "advertise-client-urls": `https://${member}:${CLIENT_PORT}`,
    "listen-peer-urls": `https://0.0.0.0:${PEER_PORT}`,
    "initial-advertise-peer-urls": `https://${member}:${PEER_PORT}`,
    "listen-metrics-urls": `http://127.0.0.1:${METRICS_PORT}`,
    "initial-cluster": members.map((m) => `${m}=https://${m}:${PEER_PORT}`).join(","),
    "initial-cluster-token": token,
    "initial-cluster-state": "new",
    // Who shows no certificate of the stack's authority with the right name is turned away: other containers have a
    // certificate too. The files are read at each handshake.
    "cert-file": TLS_FILE.certificate,
    "key-file": TLS_FILE.key,
    "trusted-ca-file": TLS_FILE.authority,
    "client-cert-auth": true,
    "client-cert-allowed-hostname": ETCD_NAME.client,
    "peer-cert-file": TLS_FILE.certificate,
    "peer-key-file": TLS_FILE.key,
    "peer-trusted-ca-file": TLS_FILE.authority,
    "peer-client-cert-auth": true,
    "peer-cert-allowed-hostname": ETCD_NAME.peer,
    "tls-min-version": "TLS1.2",
    // Patroni writes a few keys every loop_wait: without compaction the history would grow for ever.
    "auto-compaction-mode": "periodic",
    "auto-compaction-retention": "1h",
    "log-level": "warn",
  };
  return ["etcd", ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)];
}
