import type {
  AuditedContainer,
  AuditedMember,
  Engine,
  Facts,
  Role,
} from "../../../operations/audit/facts.ts";

const engine = (): Engine => ({
  name: "unix:///var/run/docker.sock",
  securityOptions: ["name=apparmor", "name=selinux", "name=seccomp,profile=default"],
  swarm: "inactive",
});

function container(name: string, port: number): AuditedContainer {
  return {
    name,
    engine: engine(),
    inspected: {
      Path: "entrypoint",
      Args: ["server", "/run/acgs/config"],
      AppArmorProfile: "docker-default",
      ProcessLabel: "system_u:system_r:container_t:s0",
      State: { Running: true, Health: { Status: "healthy" } },
      Config: {
        User: "postgres",
        Image: `sha256:${"a".repeat(64)}`,
        Env: ["PATH=/usr/bin", "ETCDCTL_KEY=/run/acgs/tls/certificate.pem.key"],
        Healthcheck: { Test: ["CMD", "healthcheck"] },
      },
      HostConfig: {
        NetworkMode: "default",
        PortBindings: { [`${port}/tcp`]: [{ HostIp: "127.0.0.1", HostPort: String(port) }] },
        PublishAllPorts: false,
        RestartPolicy: { Name: "unless-stopped", MaximumRetryCount: 0 },
        CapAdd: [],
        CapDrop: ["ALL"],
        IpcMode: "private",
        PidMode: "",
        UTSMode: "",
        UsernsMode: "",
        CgroupParent: "",
        Privileged: false,
        ReadonlyRootfs: true,
        SecurityOpt: ["no-new-privileges:true"],
        Memory: 2 ** 30,
        CpuShares: 512,
        NanoCpus: 0,
        CpuQuota: 0,
        PidsLimit: null,
        Devices: null,
        Ulimits: [{ Name: "nproc", Hard: 8192 }],
      },
      Mounts: [
        {
          Type: "volume",
          Source: "/var/lib/docker/volumes/acgs-test-files/_data",
          Destination: "/run/acgs",
          Propagation: "",
        },
      ],
      NetworkSettings: { Networks: { "acgs-test": {} } },
    },
    image: {
      name: "acgs-db/postgres:1",
      created: "2026-11-21T22:06:10Z",
      labels: { "org.opencontainers.image.base.name": "debian:bookworm-slim" },
      hasHealthcheck: false,
      history: [
        'CMD ["postgres"]',
        "COPY entrypoint /usr/local/bin/ # buildkit",
        "RUN /bin/sh -c apt-get update && apt-get upgrade -y && apt-get install -y postgresql-15 # buildkit",
        "/bin/sh -c #(nop) ADD file:0123abc in / ",
      ],
    },
    setuid: [],
    tools: [],
    sshd: false,
  };
}

export function role(name: string, more: Partial<Role> = {}): Role {
  return {
    name,
    canLogin: true,
    superuser: false,
    createRole: false,
    createDatabase: false,
    replication: false,
    bypassRls: false,
    connectionLimit: 50,
    verifier: "scram-sha-256",
    memberOf: [],
    ...more,
  };
}

const rule = (text: string, line: number) => {
  const [type = "", databases = "", users = "", ...rest] = text.split(" ");
  const method = rest.at(-1)!;
  const address = rest.length > 1 ? rest[0] : undefined;
  return {
    line,
    type,
    databases: databases.split(","),
    users: users.split(","),
    address,
    netmask: undefined,
    method,
  };
};

/** As a server would have read them. Addresses without a mask. */
export const rules = (...lines: string[]) => lines.map(rule);

function member(name: string, inRecovery: boolean): AuditedMember {
  return {
    name,
    version: "15.20",
    inRecovery,
    settings: {
      ssl: "on",
      ssl_ciphers: "HIGH:!aNULL",
      ssl_min_protocol_version: "TLSv1.2",
      data_checksums: "on",
      shared_preload_libraries: "pg_stat_statements,pgaudit,pg_cron",
      session_preload_libraries: "",
      local_preload_libraries: "",
      dynamic_library_path: "$libdir",
      "pgaudit.log": "ddl,role,write,misc_set",
      "pgaudit.role": "acgs_audit",
      log_destination: "stderr",
      logging_collector: "off",
      log_min_messages: "warning",
      log_min_error_statement: "panic",
      log_error_verbosity: "terse",
      log_line_prefix: "%m [%p] %q%u@%d %a %h ",
      log_statement: "none",
      log_connections: "on",
      log_disconnections: "on",
      log_replication_commands: "on",
      log_hostname: "off",
      log_timezone: "UTC",
      debug_print_parse: "off",
      debug_print_rewritten: "off",
      debug_print_plan: "off",
      debug_pretty_print: "on",
      authentication_timeout: "60",
      password_encryption: "scram-sha-256",
      wal_level: "replica",
      ignore_system_indexes: "off",
      jit_debugging_support: "off",
      jit_profiling_support: "off",
      post_auth_delay: "0",
      allow_system_table_mods: "off",
      ignore_checksum_failure: "off",
      zero_damaged_pages: "off",
    },
    roles: [
      role("postgres", {
        superuser: true,
        createRole: true,
        createDatabase: true,
        replication: true,
        bypassRls: true,
        connectionLimit: -1,
      }),
      role("replicator", { replication: true, connectionLimit: -1, verifier: undefined }),
      role("acgs_owner", { canLogin: false, verifier: undefined }),
      role("acgs_vault", { canLogin: false, verifier: undefined, memberOf: ["pg_read_server_files"] }),
      role("acgs_user", { memberOf: ["acgs_client"] }),
      role("acgs_monitor", { memberOf: ["acgs_client", "pg_monitor"] }),
    ],
    accessRules: rules(
      "local all postgres peer",
      "local all all scram-sha-256",
      "host all postgres all reject",
      "hostssl replication replicator samenet cert",
      "hostssl acgs_db +acgs_client samenet scram-sha-256",
      "host all all all reject",
    ),
    extensions: ["pgcrypto", "plpgsql"],
    upstreamSslMode: inRecovery ? "verify-full" : undefined,
    replicas: inRecovery ? [] : [{ name: "postgres-2", user: "replicator", tls: true }],
    publicDefiners: [],
    publicWrites: [],
    owningLogins: [],
    publicSchemaOpen: false,
    rowSecurity: ["cron.job"],
    files: {
      umask: "0077",
      dataDirectory: "700 postgres",
      key: "600 postgres",
      extensions: "755 root",
      histories: [],
      serviceFiles: [],
      profiles: [],
      passwordInEnvironment: [],
      sudo: false,
    },
  };
}

/** A stack in which no control fails: two members, and a node of Redis. */
export function safeFacts(): Facts {
  return {
    engines: [engine()],
    containers: [
      container("acgs-test-postgres-1", 5432),
      container("acgs-test-postgres-2", 5432),
      container("acgs-test-redis-1", 6380),
    ],
    members: [member("postgres-1", false), member("postgres-2", true)],
  };
}
