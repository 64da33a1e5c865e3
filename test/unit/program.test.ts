import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { volumesOf } from "../../components/docker/volumeNames.ts";
import { testAuthority } from "../../testing/certificates.ts";
import { recordRegistrations } from "../support/mocks.ts";
import { MOST_OPEN_FILES } from "../../components/docker/container.ts";
import { MAX_CONNECTIONS } from "../../components/haproxy/haproxyConfiguration.ts";
import { CLIENTS_PER_PGBOUNCER } from "../../components/stack/connections.ts";
import { shippedConfiguration } from "../../testing/stackConfiguration.ts";

// The whole program under Pulumi's mocks, with the configuration of prod: which resources there are, and
// what they are linked to. That the providers take them, and in which order, is for the stack tests.

type Inputs = Record<string, never>;

const mocks = recordRegistrations(({ type, name }) => {
  if (type === "docker:index/remoteImage:RemoteImage") return { imageId: `sha256:${name}` };
  if (type.endsWith(":Passwords")) return { passwords: PASSWORDS, verifiers: PASSWORDS };
  if (type.endsWith(":CertificateAuthority")) {
    return { certificate: testAuthority, key: "key-of-the-authority", endsAt: "2036-11-18T21:00:00.000Z" };
  }
  if (type.endsWith(":ContainerFiles")) return { endsAt: "2027-11-21T21:00:00.000Z" };
  if (type.endsWith(":ConfigurationKeys")) return { keys: { 1: "key-of-version-1" } };
  if (type.endsWith(":SqlSchema")) return { applied: [], pending: [] };
  return {};
});

const ACCOUNTS = [
  ...["acgs_user", "auth_service", "ac_service", "integrity_service", "fv_service", "gs_service"],
  ...["pgc_service", "ec_service", "dgm_service", "acgs_readonly", "acgs_monitor"],
  ...["acgs_deployer", "pgbouncer", "patroni", "redis", "redis-admin", "seed"],
];
const PASSWORDS = Object.fromEntries(ACCOUNTS.map((account) => [account, `password-of-${account}`]));

const MEMBER_CONTAINERS = Object.fromEntries(
  ["postgres-1", "postgres-2", "postgres-3"].map((alias) => [alias, { container: `acgs-unit-${alias}` }]),
);

let outputs: unknown;

const inputsOf = (name: string) => mocks.named(name)?.inputs as Inputs;
const containers = () => mocks.ofType("docker:index/container:Container");
const names = (type: string) => mocks.ofType(type).map(({ name }) => name);

beforeAll(async () => {
  await mocks.ready;
  const config = Object.entries(shippedConfiguration("prod"));
  pulumi.runtime.setAllConfig(
    // Pulumi hands text over as it is, and everything else as JSON.
    Object.fromEntries(
      config.map(([key, value]: [string, unknown]) => [
        `acgs-db:${key}`,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    ),
  );
  const { default: made } = await import("../../index.ts");
  // Known only when everything before them is.
  outputs = await new Promise((resolve) => pulumi.output(made).apply(resolve));
});

describe("the prod stack", () => {
  it("has a provider in the registry for every resource of the project's own types", async () => {
    const { providers } = await import("../../components/providers.ts");
    const own = mocks.registrations
      .map(({ type }) => /^pulumi-nodejs:dynamic\/acgs:(\w+)$/.exec(type)?.[1])
      .filter((type) => type !== undefined);
    expect([...new Set(own)].sort()).toEqual(Object.keys(providers).sort());
  });

  it("names hosts in the inputs of its own resources, never an engine's endpoint", () => {
    const own = mocks.registrations.filter(({ type }) => type.startsWith("pulumi-nodejs:dynamic/"));
    const told = JSON.stringify(own, (_, value: unknown) => (pulumi.Output.isInstance(value) ? null : value));
    expect(told).toContain('"docker":"local"');
    expect(told).not.toMatch(/(unix|tcp|ssh):\/\//);
  });

  it("has these containers, each on the stack's network, bounded, and stopped with a grace", () => {
    expect(names("docker:index/container:Container").sort()).toEqual([
      ...["etcd-1", "etcd-2", "etcd-3", "haproxy-1", "haproxy-2", "pgbouncer-1", "pgbouncer-2"],
      ...["postgres-1", "postgres-2", "postgres-3"],
      ...["redis-1", "redis-2", "redis-3", "redis-4", "redis-5", "redis-6"],
    ]);
    for (const { name, inputs } of containers()) {
      expect(inputs["networksAdvanced"], name).toEqual([{ name: "acgs-unit", aliases: [name] }]);
      expect(inputs["memory"], name).toBeGreaterThan(0);
      expect(inputs["memorySwap"], name).toBe(inputs["memory"]);
      expect(inputs["destroyGraceSeconds"], name).toBeGreaterThan(0);
      expect(inputs["image"], name).toBe(`sha256:${name.replace(/-\d+$/, "")}-image`);
      expect(inputs, name).toMatchObject({
        ...{ readOnly: true, capabilities: { drops: ["ALL"] }, securityOpts: ["no-new-privileges:true"] },
        user: expect.stringMatching(/^(85\d):\1$/) as string,
      });
      expect(inputs["ulimits"], name).toContainEqual({ name: "nofile", soft: 16_384, hard: 16_384 });
      expect(inputs["envs"], name).toBeUndefined();
      expect(inputs["labels"], name).toBeUndefined();
    }
  });

  it("has in its guard all parts that containers and volumes are made for, and waits for it", () => {
    const aliases = mocks.named("stack-guard")!.inputs["aliases"] as string[];
    expect([...aliases].sort()).toEqual(names("docker:index/container:Container").sort());
    const volumes = aliases.flatMap(volumesOf).sort();
    expect(names("docker:index/volume:Volume").sort()).toEqual(volumes);
    for (const { inputs } of mocks.ofType("docker:index/volume:Volume"))
      expect(inputs["labels"]).toEqual([
        { label: "acgs-db.stack", value: "acgs-db/unit" },
        { label: "acgs-db.identity", value: "stack-identity-id" },
      ]);
  });

  it("looks at every container at its end", () => {
    const looked = mocks.named("stack-health")!.inputs["containers"] as { container: string }[];
    const made = mocks.ofType("docker:index/container:Container").map(({ inputs }) => inputs["name"]);
    expect(looked.map(({ container }) => container).sort()).toEqual(made.sort());
  });

  it("lets each process open the files that its connections take", () => {
    const mostServers = 5000;
    const mostRedisClients = 10_000;
    const besides = 1000;
    for (const connections of [2 * MAX_CONNECTIONS, CLIENTS_PER_PGBOUNCER + mostServers, mostRedisClients]) {
      expect(connections + besides).toBeLessThanOrEqual(MOST_OPEN_FILES);
    }
    expect(MAX_CONNECTIONS).toBeGreaterThan(mostServers);
  });

  it("keeps the data of each in a volume of its own that is mounted where it writes", () => {
    const path: Record<string, string> = {
      etcd: "/var/lib/etcd",
      postgres: "/var/lib/postgresql/data",
      pgbouncer: "/var/lib/pgbouncer",
      haproxy: "/var/lib/haproxy",
      redis: "/var/lib/redis",
    };
    for (const { name, inputs } of containers()) {
      const containerPath = path[name.replace(/-\d+$/, "")];
      const volumes = [
        { containerPath, volumeName: `acgs-unit-${name}-data` },
        { containerPath: "/run/acgs", volumeName: `acgs-unit-${name}-files` },
      ];
      expect(inputs["volumes"], name).toEqual(volumes);
    }
    expect(mocks.ofType("docker:index/volume:Volume")).toHaveLength(2 * (3 + 3 + 2 + 2 + 6));
  });

  it("publishes the primary, the members, PgBouncer and Redis on 127.0.0.1, and nothing else", () => {
    const published = containers().flatMap(({ name, inputs }) =>
      (inputs["ports"] as { ip: string; external: number }[]).map(({ ip, external }) => [name, ip, external]),
    );
    const at = (name: string, ...ports: number[]) => ports.map((port) => [name, "127.0.0.1", port]);
    expect(published.sort()).toEqual(
      [
        ...at("haproxy-1", 5432),
        ...[1, 2, 3].flatMap((n) => at(`postgres-${n}`, 5432 + n, 8007 + n)),
        ...[1, 2].flatMap((n) => at(`pgbouncer-${n}`, 6431 + n)),
        ...[1, 2, 3, 4, 5, 6].flatMap((n) => at(`redis-${n}`, 6378 + n)),
      ].sort(),
    );
  });

  it("names in its certificate who may speak to etcd", () => {
    const named = (one: string) =>
      mocks
        .ofType("pulumi-nodejs:dynamic/acgs:ContainerFiles")
        .filter(({ inputs }) => (inputs["certificate"] as { names: string[] }).names.includes(one))
        .map(({ inputs }) => inputs["volume"]);
    const files = (kind: string) => [1, 2, 3].map((n) => `acgs-unit-${kind}-${n}-files`);
    expect(named("etcd-client")).toEqual(files("postgres"));
    expect(named("etcd-peer")).toEqual(files("etcd"));
  });

  it("gives PostgreSQL's roles verifiers or nothing, and the application no more than a login", () => {
    const roles = mocks.ofType("postgresql:index/role:Role");
    expect(roles.map(({ inputs }) => inputs["name"]).sort()).toEqual(
      [
        ...["acgs_owner", "acgs_client", "acgs_reader", "acgs_writer", "acgs_readonly", "acgs_monitor"],
        ...["acgs_user", "auth_service", "ac_service", "integrity_service", "fv_service", "gs_service"],
        ...["pgc_service", "ec_service", "dgm_service", "pgbouncer"],
        ...ACCOUNTS.slice(0, 11).map((login) => `${login}_2`),
      ].sort(),
    );
    const byName = new Map(roles.map(({ inputs }) => [inputs["name"] as string, inputs]));
    for (const login of ACCOUNTS.slice(0, 11)) {
      const [first, second] = [byName.get(login)!, byName.get(`${login}_2`)!];
      expect(first["password"], login).toBeDefined();
      // Nobody can log in as it before the first rotation.
      expect(second, login).not.toHaveProperty("password");
      expect(second, login).toMatchObject({ login: true, roles: [login] });
      for (const limit of ["connectionLimit", "statementTimeout", "idleInTransactionSessionTimeout"])
        expect(second[limit], `${login} ${limit}`).toBe(first[limit]);
    }
  });

  it("makes the deployer and runs SQL over the members' local sockets, and reaches them otherwise as no superuser", () => {
    expect(inputsOf("deployer")).toMatchObject({ login: "acgs_deployer", members: MEMBER_CONTAINERS });
    expect(inputsOf("sql-platform")["connection"]).toMatchObject({ members: MEMBER_CONTAINERS });
    expect(inputsOf("deployer-owner")).toEqual({ role: "acgs_deployer", grantRole: "acgs_owner" });
    expect(inputsOf("server")).toMatchObject({ username: "acgs_deployer", superuser: "false" });
    expect(JSON.stringify(mocks.registrations)).not.toMatch(/superuserPassword|password-of-postgres/);
  });

  it("sends parameters, rules and pools by resources of their own", () => {
    expect(inputsOf("parameters")).toMatchObject({
      pendingUntilRestart: { shared_buffers: "8GB" },
      appliedByReload: { effective_cache_size: "24GB" },
      clusterRules: { synchronous_mode: "quorum", failsafe_mode: true },
    });
    expect(inputsOf("pools")).toMatchObject({
      // Half of the server connections, and all clients: the other PgBouncer may be lost.
      pools: { auth_service: { size: 8, maxClients: 60, hosts: ["haproxy-1", "haproxy-2"], port: 5000 } },
    });
  });

  it("hands the keys of sensitive settings to every member, after the SQL and by no container's input", () => {
    expect(inputsOf("configuration-keys")).toMatchObject({ version: 1 });
    expect(inputsOf("configuration-key-files")).toMatchObject({
      version: 1,
      connection: { members: MEMBER_CONTAINERS },
    });
    expect(JSON.stringify(containers())).not.toContain("key-of-version-1");
  });

  it("puts out both PgBouncers, the first as the writer's", () => {
    expect(outputs).toMatchObject({
      writer: { host: "127.0.0.1", port: 6432 },
      poolers: [6432, 6433].map((port) => ({ host: "127.0.0.1", port })),
    });
  });

  it("puts out URLs through each PgBouncer, and one that names both", () => {
    const to = (where: string, database: string, more = "") =>
      `postgresql://dgm_service:password-of-dgm_service@${where}/${database}?sslmode=verify-full${more}`;
    const [first, second, any] = ["127.0.0.1:6432", "127.0.0.1:6433", "&target_session_attrs=any"] as const;
    expect(outputs).toMatchObject({
      services: {
        dgm_service: {
          url: to(first, "dgm_service"),
          urls: [to(first, "dgm_service"), to(second, "dgm_service")],
          multiHostUrl: to(`${first},${second}`, "dgm_service", any),
          readUrl: to(first, "acgs_db_ro"),
          readUrls: [to(first, "acgs_db_ro"), to(second, "acgs_db_ro")],
          multiHostReadUrl: to(`${first},${second}`, "acgs_db_ro", any),
        },
      },
      monitor: { urls: { length: 2 } },
      readonly: { urls: { length: 2 }, readUrls: { length: 2 } },
    });
  });

  it("applies the platform's SQL, then each service's in the order of the requirements", () => {
    const sql = mocks.registrations.filter(({ type }) => type.endsWith(":SqlSchema"));
    expect(sql.map(({ name }) => name)).toEqual(
      ["platform", "auth", "ac", "integrity", "fv", "gs", "pgc", "ec", "dgm"].map(
        (schema) => `sql-${schema}`,
      ),
    );
  });
});
