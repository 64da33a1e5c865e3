import { ACCOUNT, REPLICATION_LOGIN, REWIND_LOGIN, SUPERUSER } from "../../lib/names.ts";
import { FILES_DIRECTORY, TLS_FILE } from "../docker/containerFiles.ts";
import { isStorableText } from "../../lib/text/storable.ts";
import { printableJson } from "../../lib/text/printableJson.ts";
import { assertIdentifier } from "../../lib/text/identifier.ts";
import { ACCESS_RULES, CERTIFICATE_LOGINS } from "./accessRules.ts";

/** Patroni merges the files of the folder in the order of their names. */
export const MEMBER_FILE = `${FILES_DIRECTORY}/patroni/10-member.yml`;
export const SECRETS_FILE = `${FILES_DIRECTORY}/patroni/20-secrets.yml`;
export const POSTGRES_PORT = 5432;
export const REST_PORT = 8008;
/** User of the calls to Patroni's REST API that change something. */
export const REST_USER = ACCOUNT.patroni;

/** How members know each other. */
const SHOWN = {
  sslmode: "verify-full",
  sslrootcert: TLS_FILE.authority,
  sslcert: TLS_FILE.certificate,
  sslkey: TLS_FILE.key,
};

export interface PatroniMember {
  /** Name of the cluster in etcd. */
  scope: string;
  /** The member's alias: its name in the cluster and its address. */
  name: string;
  /** `host:port` of every etcd member. */
  etcd: readonly string[];
}

/**
 * The settings of one Patroni member that are fixed for the life of its container. Parameters and access
 * rules are not among them: they are in the dynamic configuration, where a change needs no new container.
 *
 * @throws RangeError for a name that an address cannot hold
 */
export function patroniMember({ scope, name, etcd }: PatroniMember): string {
  for (const word of [scope, name]) assertIdentifier(word, "Patroni");
  return json({
    scope,
    name,
    restapi: {
      listen: `0.0.0.0:${REST_PORT}`,
      connect_address: `${name}:${REST_PORT}`,
      certfile: TLS_FILE.certificate,
      keyfile: TLS_FILE.key,
    },
    // How members ask each other.
    ctl: { cacert: TLS_FILE.authority },
    etcd3: {
      hosts: etcd,
      protocol: "https",
      cacert: TLS_FILE.authority,
      cert: TLS_FILE.certificate,
      key: TLS_FILE.key,
    },
    bootstrap: {
      // Read once, when the first member of a new cluster starts; from then on etcd has the last word.
      dcs: {
        ttl: 20,
        loop_wait: 1,
        retry_timeout: 3,
        postgresql: { use_pg_rewind: true, use_slots: true, pg_hba: ACCESS_RULES },
      },
      initdb: [
        { encoding: "UTF8" },
        // The C collation's order is the same on every version of every library: no index breaks by an upgrade.
        { locale: "C.UTF-8" },
        // A damaged page is noticed, and pg_rewind can be used.
        "data-checksums",
        { "auth-local": "peer" },
        { "auth-host": "scram-sha-256" },
      ],
    },
    postgresql: {
      listen: `0.0.0.0:${POSTGRES_PORT}`,
      connect_address: `${name}:${POSTGRES_PORT}`,
      // Patroni itself logs in over the socket, as the user that owns the server.
      use_unix_socket: true,
      data_dir: "/var/lib/postgresql/data/pgdata",
      bin_dir: "/usr/lib/postgresql/15/bin",
      pg_ident: CERTIFICATE_LOGINS,
      authentication: {
        // None of them has a password: Patroni is superuser over the local socket, and to the other members each shows its
        // certificate.
        superuser: { username: SUPERUSER },
        replication: { username: REPLICATION_LOGIN, ...SHOWN },
        rewind: { username: REWIND_LOGIN, ...SHOWN },
      },
      parameters: {
        unix_socket_directories: "/run/postgresql",
        ssl: "on",
        ssl_cert_file: TLS_FILE.certificate,
        ssl_key_file: TLS_FILE.key,
        ssl_ca_file: TLS_FILE.authority,
        ssl_min_protocol_version: "TLSv1.2",
        ssl_ciphers: "HIGH:!aNULL",
      },
      // A former primary rejoins by rewinding; where that is not possible it is copied anew.
      remove_data_directory_on_rewind_failure: true,
      create_replica_methods: ["basebackup"],
      basebackup: [{ checkpoint: "fast" }],
    },
    log: { level: "INFO" },
  });
}

/** The password of one member's REST API: a file of its own, readable by the server's user only. */
export function patroniSecrets(restPassword: string): string {
  return json({ restapi: { authentication: { username: REST_USER, password: restPassword } } });
}

/** Rules of the whole cluster, in the dynamic configuration beside the parameters. Times in seconds. */
export function clusterRules(members: number, synchronous: "off" | "quorum"): Record<string, unknown> {
  return {
    // The smallest ttl that Patroni takes: a lost host's lock is free after it.
    ttl: 20,
    // How often a member looks after itself: on average half of it passes before a crashed server is noticed.
    loop_wait: 1,
    // etcd may be away for so long before the primary asks the members whether it may stay.
    retry_timeout: 3,
    // A replica that is further behind, in bytes, is not promoted.
    maximum_lag_on_failover: 1024 * 1024,
    // A crashed primary is not waited for: a replica takes over.
    primary_start_timeout: 0,
    // A former primary that does not come down is killed, where commits wait for replicas: pg_cron's launcher, cut off while its
    // own commit waits for one, hears no signal to stop (1.4), and the member would stay away for ever.
    primary_stop_timeout: 60,
    // While etcd is away, the primary stays as long as it reaches all members.
    failsafe_mode: true,
    synchronous_mode: synchronous,
    // One copy is enough for a commit while at least one replica is left to give it.
    synchronous_node_count: 1,
    synchronous_mode_strict: synchronous === "quorum" && members > 2,
  };
}

/** JSON is YAML too, and has one way of quoting. */
function json(value: unknown): string {
  const isWhole = (inner: unknown): boolean =>
    typeof inner === "object" && inner !== null
      ? Object.values(inner).every(isWhole)
      : typeof inner !== "string" || isStorableText(inner);
  if (!isWhole(value)) throw new RangeError("Patroni cannot read NUL or half a character.");
  return `${printableJson(value, 2)}\n`;
}
