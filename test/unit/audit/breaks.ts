import type { AuditedContainer, AuditedMember, Facts } from "../../../operations/audit/facts.ts";
import { role, rules } from "./safeFacts.ts";

type Break = (facts: Facts) => void;
type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Changes the second member only: one that is wrong makes the whole fail. */
const member =
  (change: (member: Writable<AuditedMember>) => void): Break =>
  ({ members }) =>
    change(members[1]!);
const setting = (name: string, value: string): Break =>
  member((m) => (m.settings = { ...m.settings, [name]: value }));
const access = (...lines: string[]): Break => member((m) => (m.accessRules = rules(...lines)));
const container =
  (change: (container: Writable<AuditedContainer>) => void): Break =>
  ({ containers }) =>
    change(containers[1]!);
const host = (change: Partial<AuditedContainer["inspected"]["HostConfig"]>): Break =>
  container(({ inspected }) => Object.assign(inspected.HostConfig, change));
const bound = (inside: string, HostIp: string, HostPort: string): Break =>
  host({ PortBindings: { [inside]: [{ HostIp, HostPort }] } });
const mounted = (Source: string, Propagation = ""): Break =>
  container(({ inspected }) =>
    inspected.Mounts.push({ Type: "bind", Source, Destination: "/x", Propagation }),
  );
const engine = (change: Partial<Facts["engines"][number]>): Break => {
  return ({ engines }) => void Object.assign(engines[0]!, change);
};

const END = "host all all all reject";

/** For each control of PostgreSQL what makes it fail; a control may fail in several ways. */
export const POSTGRESQL_BREAKS: Record<string, Break[]> = {
  "1.4": [setting("data_checksums", "off"), member((m) => (m.files.dataDirectory = "750 postgres"))],
  "1.5": [member((m) => (m.version = "15.19"))],
  "1.6": [member((m) => (m.files.profiles = ["/etc/profile"]))],
  "1.7": [member((m) => (m.files.passwordInEnvironment = ["psql"]))],
  "2.1": [member((m) => (m.files.umask = "0022"))],
  "2.2": [
    member((m) => (m.files.extensions = "775 root")),
    member((m) => (m.files.extensions = "755 postgres")),
  ],
  "2.3": [member((m) => (m.files.histories = ["/var/lib/postgresql/.psql_history"]))],
  "2.4": [member((m) => (m.files.serviceFiles = ["/etc/pg_service.conf"]))],
  "3.1.2": [setting("log_destination", "syslog")],
  ...Object.fromEntries(
    ["3.1.3", "3.1.4", "3.1.5", "3.1.6", "3.1.7", "3.1.8", "3.1.9", "3.1.27"].map((id) => [
      id,
      [setting("logging_collector", "on")],
    ]),
  ),
  ...Object.fromEntries(
    ["3.1.10", "3.1.11", "3.1.12", "3.1.13"].map((id) => [id, [setting("log_destination", "stderr,syslog")]]),
  ),
  "3.1.14": [setting("log_min_messages", "error")],
  "3.1.15": [setting("shared_preload_libraries", "pg_cron")],
  "3.1.16": [setting("debug_print_parse", "on")],
  "3.1.17": [setting("debug_print_rewritten", "on")],
  "3.1.18": [setting("debug_print_plan", "on")],
  "3.1.19": [setting("debug_pretty_print", "off")],
  "3.1.20": [setting("log_connections", "off")],
  "3.1.21": [setting("log_disconnections", "off")],
  "3.1.22": [setting("log_error_verbosity", "default"), setting("log_error_verbosity", "verbose")],
  "3.1.23": [setting("log_hostname", "on")],
  "3.1.24": [setting("log_line_prefix", "%m [%p] %u@%d ")],
  "3.1.25": [setting("pgaudit.log", "write")],
  "3.1.26": [setting("log_timezone", "Mars/Olympus")],
  "3.2": [setting("shared_preload_libraries", "pg_cron"), setting("pgaudit.log", "none")],
  "4.2": [member((m) => (m.files.sudo = true))],
  "4.3": (["superuser", "createRole", "createDatabase", "bypassRls", "replication"] as const).map((right) =>
    member((m) => (m.roles = [...m.roles, role("ac_service", { [right]: true })])),
  ),
  "4.4": [member((m) => (m.roles = [...m.roles, role("mallory")]))],
  "4.5": [member((m) => (m.publicDefiners = ["public.become"]))],
  "4.6": [member((m) => (m.publicWrites = ["public.t"])), member((m) => (m.owningLogins = ["acgs_user"]))],
  "4.8": [member((m) => (m.roles = [...m.roles, role("dba", { memberOf: ["postgres"] })]))],
  "4.9": [
    member((m) => (m.roles = [...m.roles, role("x", { memberOf: ["keeper", "pg_read_server_files"] })])),
  ],
  "4.10": [member((m) => (m.publicSchemaOpen = true))],
  "5.1": [
    container(({ inspected }) => (inspected.Args = ["--password=x"])),
    container(({ inspected }) => (inspected.Args = ["postgresql://a:b@c/d"])),
  ],
  "5.2": [bound("5432/tcp", "0.0.0.0", "5432"), bound("5432/tcp", "", "5432")],
  "5.3": [access("local all all trust", END), access("local all all md5", END)],
  "5.4": [access("hostssl all all samenet md5", END), access("hostssl acgs_db a samenet scram-sha-256")],
  "5.5": [member((m) => (m.roles = [...m.roles, role("ac_service", { connectionLimit: -1 })]))],
  "5.7": [setting("authentication_timeout", "120")],
  "5.8": [access("host acgs_db a samenet scram-sha-256", END), setting("ssl", "off")],
  "5.9": [
    access("hostssl acgs_db a all scram-sha-256", END),
    ...[
      { address: "0.0.0.0", netmask: "0.0.0.0" },
      { address: "10.0.0.0", netmask: "255.0.0.0" },
      { address: "fd00::", netmask: "ffff::" },
    ].map((range) =>
      member((m) => {
        const [line, end] = rules("hostssl acgs_db a x scram-sha-256", END);
        m.accessRules = [{ ...line!, ...range }, end!];
      }),
    ),
  ],
  "5.10": [
    access("hostssl acgs_db all samenet scram-sha-256", END),
    access("hostssl all a samenet scram-sha-256", END),
  ],
  "5.11": [
    access("hostssl all all samenet scram-sha-256", END),
    access("host replication postgres all reject", "hostssl acgs_db postgres samenet scram-sha-256", END),
  ],
  "5.12": [
    setting("password_encryption", "md5"),
    member((m) => (m.roles = [...m.roles, role("ac_service", { verifier: "other" })])),
  ],
  "6.2": [setting("ignore_system_indexes", "on")],
  "6.5": [setting("allow_system_table_mods", "on")],
  "6.8": [
    setting("ssl", "off"),
    setting("ssl_min_protocol_version", "TLSv1.1"),
    member((m) => (m.files.key = "644 postgres")),
  ],
  "6.9": [member((m) => (m.extensions = ["plpgsql"]))],
  "6.10": [setting("ssl_ciphers", "HIGH:MEDIUM:+3DES:!aNULL"), setting("ssl_ciphers", "HIGH")],
  "7.1": [
    member((m) => (m.roles = m.roles.filter(({ name }) => name !== "replicator"))),
    member((m) => (m.replicas = [{ name: "copy", user: "postgres", tls: true }])),
  ],
  "7.2": [setting("log_replication_commands", "off")],
  "7.5": [
    setting("wal_level", "minimal"),
    member((m) => (m.upstreamSslMode = "prefer")),
    member((m) => (m.replicas = [{ name: "postgres-3", user: "replicator", tls: false }])),
  ],
  "8.3": [setting("session_preload_libraries", "evil")],
};

/** The same for Docker. */
export const DOCKER_BREAKS: Record<string, Break[]> = {
  "2.7": [engine({ name: "tcp://db.example:2375" })],
  "4.1": ["", "root", "0:0"].map((user) => container(({ inspected }) => (inspected.Config.User = user))),
  "4.2": [container(({ image }) => (image.labels = {}))],
  "4.3": [container((one) => (one.tools = ["/usr/bin/gcc"]))],
  "4.6": [
    container(({ inspected }) => (inspected.Config.Healthcheck = null)),
    container(({ inspected }) => (inspected.Config.Healthcheck = { Test: ["NONE"] })),
  ],
  "4.7": [container(({ image }) => (image.history = ["RUN /bin/sh -c apt-get update"]))],
  "4.8": [container((one) => (one.setuid = ["/usr/bin/su"]))],
  "4.9": [container(({ image }) => (image.history = ["ADD https://example.org/x /x # buildkit"]))],
  "4.10": [container(({ inspected }) => (inspected.Config.Env = ["PGPASSWORD=hunter2"]))],
  "5.1": [engine({ swarm: "active" })],
  "5.2": [container(({ inspected }) => (inspected.AppArmorProfile = "unconfined"))],
  "5.3": [host({ SecurityOpt: ["label=disable"] })],
  "5.4": [host({ CapDrop: null }), host({ CapAdd: ["SYS_ADMIN"] })],
  "5.5": [host({ Privileged: true })],
  "5.6": ["/", "/etc", "/etc/ssl", "/proc", "/var/run/docker.sock"].map((source) => mounted(source)),
  "5.7": [container((one) => (one.sshd = true))],
  "5.8": [bound("5432/tcp", "127.0.0.1", "543")],
  "5.9": [bound("22/tcp", "127.0.0.1", "2222"), host({ PublishAllPorts: true })],
  "5.10": [host({ NetworkMode: "host" })],
  "5.11": [host({ Memory: 0 })],
  "5.12": [host({ CpuShares: 0 }), host({ CpuShares: 1024 })],
  "5.13": [host({ ReadonlyRootfs: false })],
  "5.14": [bound("5432/tcp", "0.0.0.0", "5432"), bound("5432/tcp", "::", "5432")],
  "5.15": [
    host({ RestartPolicy: { Name: "always", MaximumRetryCount: 0 } }),
    host({ RestartPolicy: { Name: "on-failure", MaximumRetryCount: 50 } }),
  ],
  "5.16": [host({ PidMode: "host" })],
  "5.17": [host({ IpcMode: "host" })],
  "5.18": [host({ Devices: [{}] })],
  "5.19": [host({ Ulimits: [{ Name: "core", Hard: -1 }] })],
  "5.20": [mounted("/data", "rshared")],
  "5.21": [host({ UTSMode: "host" })],
  "5.22": [host({ SecurityOpt: ["seccomp=unconfined"] })],
  "5.25": [host({ CgroupParent: "/other" })],
  "5.26": [host({ SecurityOpt: [] }), host({ SecurityOpt: ["no-new-privileges:false"] })],
  "5.27": [
    container(({ inspected }) => (inspected.State.Health = null)),
    container(({ inspected }) => (inspected.State.Health = { Status: "unhealthy" })),
  ],
  "5.28": [container(({ inspected }) => (inspected.Config.Image = "postgres:latest"))],
  "5.29": [host({ Ulimits: [] })],
  "5.30": [container(({ inspected }) => (inspected.NetworkSettings = { Networks: { bridge: {} } }))],
  "5.31": [host({ UsernsMode: "host" })],
  "5.32": [mounted("/var/run/docker.sock")],
};
