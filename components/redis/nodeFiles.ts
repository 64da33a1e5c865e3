import { FILES_DIRECTORY, TLS_FILE } from "../docker/containerFiles.ts";
import { printableJson } from "../../lib/text/printableJson.ts";

/** Where the files of a node lie in its container; `images/redis` reads them there. */
export const NODE_FILE = {
  config: `${FILES_DIRECTORY}/redis/base.conf`,
  peers: `${FILES_DIRECTORY}/redis/peers`,
  users: `${FILES_DIRECTORY}/redis/users.acl`,
  peerPassword: `${FILES_DIRECTORY}/redis/peer.conf`,
} as const;

/**
 * How long a master may be silent before a replica takes over, in ms. The takeover itself takes 0.5 to 2 s more, so a
 * lost master is replaced 2.5 to 4 s after its last word. Longer, and clients wait longer; much shorter, and a node that
 * forks for a snapshot on a busy machine is taken for dead. It is also for how long a master that is cut off from the
 * others goes on to take writes, which are lost. A planned replacement of a container hands over first (`RedisBeforeReplace`)
 * and does not depend on it.
 */
export const NODE_TIMEOUT_MS = 2_000;

export interface NodeAddress {
  /** Name or address under which the other nodes reach it. */
  host: string;
  /** Inside and outside the container alike: a redirection names the port that the node itself listens on. */
  port: number;
}

/**
 * The fixed settings of a node. What changes at run time (memory, clients, snapshots) is not among them: a change
 * of an uploaded file replaces the container.
 *
 * @param port      1 to 55535: the cluster bus listens 10000 above it
 * @param announce  host name or IPv4 address under which clients outside Docker reach the node
 * @throws Error    when either is not that; neither is ever quoted
 */
export function nodeConfig(port: number, announce: string): string {
  if (!Number.isInteger(port) || port < 1 || port > 55_535) {
    throw new Error(`Redis cannot listen on port ${port}: it must be a whole number from 1 to 55535.`);
  }
  if (!/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(announce)) {
    throw new Error(
      `Redis cannot announce ${printableJson(announce)} to its clients: give the host a name or an IPv4 address.`,
    );
  }
  return `port 0
tls-port ${port}
bind * -::*
# Health checks and the like of the container itself.
unixsocket /tmp/redis.sock
unixsocketperm 700
tls-cert-file ${TLS_FILE.certificate}
tls-key-file ${TLS_FILE.key}
tls-ca-cert-file ${TLS_FILE.authority}
tls-protocols "TLSv1.2 TLSv1.3"
# Clients say who they are by a password; nodes show each other their certificates all the same.
tls-auth-clients no
tls-cluster yes
tls-replication yes
dir /var/lib/redis
include ${NODE_FILE.peerPassword}
aclfile ${NODE_FILE.users}

cluster-enabled yes
cluster-config-file nodes.conf
cluster-node-timeout ${NODE_TIMEOUT_MS}
# Clients are outside the network of the containers: they are sent to this name and the node's own port.
# The bus and replication go by the containers' addresses, which the nodes learn from each other.
cluster-announce-hostname ${announce}
cluster-preferred-endpoint-type hostname
# A lost master takes a third of the cache with it, not all of it.
cluster-require-full-coverage no
# A master that lost its last replica gets one of another master that has two.
cluster-migration-barrier 1
# A replica that has not heard of its master for longer than 10 timeouts + 10 s (30 s) is not promoted: what it holds may
# be sessions and decisions that were taken back since. The share of such a master stays away until it is back.
cluster-replica-validity-factor 10
# With one replica each, any number above 0 would stop writes whenever a replica restarts. It would not save more than
# it costs either: a master without a majority of masters in sight stops by itself after one timeout, while this rule
# looks at the last 10 s.
min-replicas-to-write 0
# A master that has one replica gains nothing by waiting for others before it starts to send its data.
repl-diskless-sync-delay 0

# Snapshots for a compact copy, the log of commands for what came after: at most 1 s of writes is lost.
appendonly yes
appendfsync everysec
aof-use-rdb-preamble yes
maxmemory-policy allkeys-lru
`;
}

/**
 * The nodes before this one, one a line: what `cluster-meet` in the image reads. Introductions are mutual, so that is
 * every pair once; and a node that is added after the others changes no file of theirs.
 */
export function peersFile(nodes: readonly NodeAddress[], self: number): string {
  const before = nodes.slice(0, self).map(({ host, port }) => `${host} ${port}\n`);
  return `# address and port of each node before this one\n${before.join("")}`;
}
