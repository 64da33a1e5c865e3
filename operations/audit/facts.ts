import { z } from "zod";

/** Everything that is looked at, read once: each control is a function of it. Holds no secret. */
export interface Facts {
  engines: readonly Engine[];
  containers: readonly AuditedContainer[];
  members: readonly AuditedMember[];
}

/** A Docker engine that carries containers of the stack. */
export interface Engine {
  /** Its endpoint, such as `unix:///var/run/docker.sock`. */
  name: string;
  /** Such as `name=seccomp,profile=default`. */
  securityOptions: readonly string[];
  swarm: string;
}

const none = <T extends z.ZodType>(inner: T) => inner.nullish();
const texts = z.array(z.string());

/** What `docker inspect` says of a container, as far as it is looked at. */
export const inspectedSchema = z.object({
  Path: z.string(),
  Args: texts,
  AppArmorProfile: z.string().default(""),
  ProcessLabel: z.string().default(""),
  State: z.object({ Running: z.boolean(), Health: none(z.object({ Status: z.string() })) }),
  Config: z.object({
    User: z.string(),
    Image: z.string(),
    Env: none(texts),
    Healthcheck: none(z.object({ Test: none(texts) })),
  }),
  HostConfig: z.object({
    NetworkMode: z.string(),
    PortBindings: none(
      z.record(z.string(), none(z.array(z.object({ HostIp: z.string(), HostPort: z.string() })))),
    ),
    PublishAllPorts: z.boolean(),
    RestartPolicy: z.object({ Name: z.string(), MaximumRetryCount: z.number() }),
    CapAdd: none(texts),
    CapDrop: none(texts),
    IpcMode: z.string(),
    PidMode: z.string(),
    UTSMode: z.string(),
    UsernsMode: z.string(),
    CgroupParent: z.string(),
    Privileged: z.boolean(),
    ReadonlyRootfs: z.boolean(),
    SecurityOpt: none(texts),
    Memory: z.number(),
    CpuShares: z.number(),
    NanoCpus: z.number(),
    CpuQuota: z.number(),
    PidsLimit: none(z.number()),
    Devices: none(z.array(z.unknown())),
    Ulimits: none(z.array(z.object({ Name: z.string(), Hard: z.number() }))),
  }),
  Mounts: z.array(
    z.object({
      Type: z.string(),
      Source: z.string().default(""),
      Destination: z.string(),
      Propagation: z.string().default(""),
    }),
  ),
  NetworkSettings: z.object({ Networks: z.record(z.string(), z.unknown()) }),
});

export type Inspected = z.infer<typeof inspectedSchema>;

export interface AuditedContainer {
  name: string;
  engine: Engine;
  inspected: Inspected;
  image: {
    /** Name and tag, or the id of one without. */
    name: string;
    /** When it was built, as the engine writes it. */
    created: string;
    labels: Readonly<Record<string, string>>;
    hasHealthcheck: boolean;
    /** The instructions that made its layers. */
    history: readonly string[];
  };
  /** Files with the setuid or setgid bit. */
  setuid: readonly string[];
  /** Programs that compile, install packages or fetch files, by their paths. */
  tools: readonly string[];
  /** Whether an SSH server is installed. */
  sshd: boolean;
}

export interface Role {
  name: string;
  canLogin: boolean;
  superuser: boolean;
  createRole: boolean;
  createDatabase: boolean;
  replication: boolean;
  bypassRls: boolean;
  /** -1 for none. */
  connectionLimit: number;
  /** How its password is kept; undefined where it has none. */
  verifier: "scram-sha-256" | "other" | undefined;
  /** All roles that it is a member of, also through others. */
  memberOf: readonly string[];
}

/** A line of pg_hba.conf as the server has read it. */
export interface AccessRule {
  line: number;
  type: string;
  databases: readonly string[];
  users: readonly string[];
  address: string | undefined;
  netmask: string | undefined;
  method: string;
}

/** What the superuser's session at one member of the cluster sees. */
export interface ServerFacts {
  version: string;
  inRecovery: boolean;
  settings: Readonly<Record<string, string>>;
  roles: readonly Role[];
  accessRules: readonly AccessRule[];
  extensions: readonly string[];
  /** Of a replica: `sslmode` of its connection to the primary. */
  upstreamSslMode: string | undefined;
  /** Who streams from it. */
  replicas: readonly { name: string; user: string; tls: boolean }[];
  /** Functions that run with their owner's rights, and that everybody may call. */
  publicDefiners: readonly string[];
  /** Tables outside of the catalogue that everybody may change. */
  publicWrites: readonly string[];
  /** Logins beside the superusers that own tables. */
  owningLogins: readonly string[];
  /** Databases (of those that take connections) in whose schema `public` everybody may create. */
  publicSchemaOpen: boolean;
  /** Tables with row-level security, outside of the catalogue. */
  rowSecurity: readonly string[];
}

/** What a look into a member's container finds. */
export interface FileFacts {
  /** Of the server's process, such as `0077`. */
  umask: string;
  /** `700 postgres` of the data directory. */
  dataDirectory: string;
  /** `600 postgres` of the server's private key. */
  key: string;
  /** `755 root` of the folder with the extensions' scripts. */
  extensions: string;
  /** Files that keep psql's history and hold something. */
  histories: readonly string[];
  serviceFiles: readonly string[];
  /** Profiles of a shell that name PGPASSWORD. */
  profiles: readonly string[];
  /** Processes that have PGPASSWORD in their environment. */
  passwordInEnvironment: readonly string[];
  sudo: boolean;
}

export interface AuditedMember extends ServerFacts {
  name: string;
  files: FileFacts;
}
