import { PARTITIONED_TABLES } from "../../../components/migrations/retention.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../components/stack/configuration.ts";
import type { ExtraCheck, StackConfiguration } from "../../../components/stack/stackConfiguration.ts";
import { ConfigurationError, type ConfigIssue, shown } from "../../../components/stack/configIssue.ts";
import { etcdCommand } from "../../../components/etcd/etcdCommand.ts";
import { patroniMember } from "../../../components/postgres/patroni.ts";
import { nodeConfig } from "../../../components/redis/nodeFiles.ts";
import { hostileName } from "../../support/hostile.ts";
import { faultsOf } from "./support.ts";

const someFault: ConfigIssue = { key: "acgs-db:x", value: "1", allowed: "2", remedy: "set 2" };

describe("defaults", () => {
  it("fills everything from an empty configuration", () => {
    const configuration = parseConfiguration({}, "dev");
    expect(configuration).toMatchObject({
      prefix: "acgs-dev",
      environment: "production",
      hosts: [
        { name: "local", docker: "unix:///var/run/docker.sock", address: "127.0.0.1", bind: "127.0.0.1" },
      ],
      ports: { pgbouncer: 6432, postgres: 5432, patroni: 8008, redis: 6379 },
      etcd: { members: 1 },
      haproxy: { instances: 1 },
      redis: { masters: 3, replicasPerMaster: 1, maxMemoryMb: 64, maxClients: 100 },
      partitions: { premakeMonths: 6, retentionMonths: 12, retention: {} },
      dataVolumes: { protect: true, retain: true },
      allowDataLoss: [],
      ownPasswords: [],
    });
    expect(configuration.postgres).toEqual({
      members: 2,
      synchronous: "off",
      memoryMb: 1024,
      cpus: 2,
      storage: "ssd",
      workload: "oltp",
      maxConnections: 200,
      restart: "manual",
      parameters: {},
    });
  });

  it("keeps the requirements' pools, which come to 82 connections and 325 clients for the seven services named there", () => {
    const { ec_service, acgs_user, ...seeds } = parseConfiguration({}, "dev").pgbouncer.pools;
    const sum = (of: "size" | "maxClients") =>
      Object.values(seeds).reduce((total, pool) => total + pool[of], 0);
    expect([sum("size"), sum("maxClients")]).toEqual([82, 325]);
    expect(ec_service).toEqual(seeds.fv_service);
    expect(acgs_user).toEqual({ size: 10, reserve: 2, maxClients: 1000 });
  });

  it("fills the rest of a pool that is set in part", () => {
    const { pools } = parseConfiguration(
      { pgbouncer: { pools: { auth_service: { size: 20 } } } },
      "dev",
    ).pgbouncer;
    expect(pools.auth_service).toEqual({ size: 20, reserve: 4, maxClients: 60 });
    expect(pools.ac_service).toEqual({ size: 12, reserve: 2, maxClients: 50 });
  });

  it("fills a host's bind address", () => {
    const hosts = [{ name: "db", docker: "ssh://ops@db.example", address: "db.example" }];
    expect(parseConfiguration({ hosts }, "dev").hosts[0]?.bind).toBe("127.0.0.1");
  });
});

describe("faults", () => {
  it("are reported all at once, of single values and of what has to fit together", () => {
    const faults = faultsOf({
      postgres: { members: 9, memoryMb: 512 },
      etcd: { members: 2 },
      ports: { redis: 5433 },
      pgbouncer: { pools: { auth_service: { maxClients: 10 } } },
    });
    expect(faults).toEqual([
      {
        key: "acgs-db:etcd.members",
        value: "2",
        allowed: "1, 3 or 5: an even member adds a way to fail and no safety",
        remedy: "pulumi config set --path acgs-db:etcd.members 1",
      },
      {
        key: "acgs-db:postgres.members",
        value: "9",
        allowed: "a whole number from 1 to 7",
        remedy: "pulumi config set --path acgs-db:postgres.members 2",
      },
      {
        key: "acgs-db:postgres.memoryMb",
        value: "512",
        allowed: "a whole number from 1024 (1 GiB) to 1048576 (1 TiB)",
        remedy: "pulumi config set --path acgs-db:postgres.memoryMb 1024",
      },
      {
        key: "acgs-db:pgbouncer.pools.auth_service.maxClients",
        value: "10",
        allowed: "at least the pool's size, 15",
        remedy: "pulumi config set --path acgs-db:pgbouncer.pools.auth_service.maxClients 15",
      },
    ]);
  });

  it("name the key that was probably meant", () => {
    expect(faultsOf({ postgres: { membres: 3 } })).toEqual([
      {
        key: "acgs-db:postgres.membres",
        value: "an unknown key with the value 3",
        allowed:
          "members, synchronous, memoryMb, cpus, storage, workload, maxConnections, restart, parameters",
        remedy:
          "did you mean `members`? Then:\n" +
          "pulumi config rm --path acgs-db:postgres.membres\n" +
          "pulumi config set --path acgs-db:postgres.members 3",
      },
    ]);
    expect(faultsOf({ pgboucner: {} })[0]?.remedy).toContain("did you mean `pgbouncer`?");
    expect(faultsOf({ zzz: 1 })[0]?.remedy).toBe("pulumi config rm --path acgs-db:zzz");
  });

  it("name the tables that can have a retention of their own", () => {
    const [fault] = faultsOf({ partitions: { retention: { "pgc.policy_decision": 24 } } });
    expect(fault).toMatchObject({
      key: 'acgs-db:partitions.retention["pgc.policy_decision"]',
      allowed: PARTITIONED_TABLES.join(", "),
    });
    expect(fault?.remedy).toContain("did you mean `pgc.policy_decisions`?");
    expect(
      faultsOf({ partitions: { retention: { "dgm.dgm_archive": 0, "auth.audit_logs": "keep" } } }),
    ).toHaveLength(1);
  });

  it("show the lines of YAML where a mapping is expected", () => {
    expect(faultsOf({ redis: "small" })).toEqual([
      {
        key: "acgs-db:redis",
        value: '"small"',
        allowed: "a mapping with masters, replicasPerMaster, maxMemoryMb, maxClients",
        remedy:
          "in the stack's file:\n" +
          'acgs-db:redis: {"masters":3,"replicasPerMaster":1,"maxMemoryMb":64,"maxClients":100}',
      },
    ]);
  });

  it("refuse text where a number is expected, and halves", () => {
    expect(faultsOf({ postgres: { cpus: "2" } })[0]).toMatchObject({
      key: "acgs-db:postgres.cpus",
      value: '"2"',
    });
    expect(faultsOf({ postgres: { cpus: 1.5 } })[0]).toMatchObject({ value: "1.5" });
  });

  it("take a stack's name that does not make a prefix", () => {
    expect(faultsOf({}, [], "My_stack")).toEqual([
      {
        key: "acgs-db:prefix",
        value: 'nothing, and the stack\'s name would make it "acgs-My_stack"',
        allowed: "lower-case letters, digits and inner hyphens, at most 40",
        remedy: "pulumi config set --path acgs-db:prefix acgs-my-stack",
      },
    ]);
    expect(parseConfiguration({ prefix: "mine" }, "My_stack").prefix).toBe("mine");
  });

  it("propose a prefix of the stack's own name, never another stack's", () => {
    const remedy = (prefix: unknown, stack: string) =>
      faultsOf(prefix === undefined ? {} : { prefix }, [], stack).map((fault) =>
        fault.remedy.split(" ").at(-1),
      );
    expect(remedy(undefined, "Dev_2")).toEqual(["acgs-dev-2"]);
    expect(remedy("Other_stack", "staging")).toEqual(["acgs-staging"]);
    expect(remedy(undefined, `__${"x".repeat(50)}.`)).toEqual([`acgs-${"x".repeat(35)}`]);
  });

  it("refuse fewer than three members for quorum commit, and say why", () => {
    expect(faultsOf({ postgres: { synchronous: "quorum" } })).toEqual([
      {
        key: "acgs-db:postgres.synchronous",
        value: '"quorum" with 2 members',
        allowed:
          '"quorum" with at least 3 members: with fewer, nobody is left to confirm a commit\n' +
          'when one is gone. "off" with any number.',
        remedy:
          "pulumi config set --path acgs-db:postgres.members 3\n" +
          "or pulumi config set --path acgs-db:postgres.synchronous off",
      },
    ]);
    expect(
      parseConfiguration({ postgres: { synchronous: "quorum", members: 3 } }, "x").postgres.members,
    ).toBe(3);
  });

  it("refuse more clients than a PgBouncer takes", () => {
    const pools = { auth_service: { maxClients: 8000 } };
    for (const instances of [1, 2]) {
      expect(faultsOf({ pgbouncer: { pools, instances } })).toEqual([
        {
          key: "acgs-db:pgbouncer",
          value: "pools of 9630 clients",
          allowed:
            "at most 5000: each PgBouncer takes the clients of all pools, as it does when the others are lost",
          remedy:
            "pulumi config set --path acgs-db:pgbouncer.pools.auth_service.maxClients 3370\n" +
            "or lower `maxClients` of other pools",
        },
      ]);
    }
    expect(faultsOf({ pgbouncer: { pools: { auth_service: { maxClients: 3370 } } } })).toEqual([]);
  });

  it("say how to write `off` where YAML 1.1 made it a boolean", () => {
    expect(faultsOf({ postgres: { synchronous: false } })[0]).toEqual({
      key: "acgs-db:postgres.synchronous",
      value: "false",
      allowed: '"off" or "quorum" (in quotes); "quorum" needs 3 members',
      remedy: "pulumi config set --path acgs-db:postgres.synchronous off",
    });
  });
});

describe("hosts", () => {
  const one = { name: "a", docker: "tcp://10.0.0.1:2376", address: "10.0.0.1", bind: "10.0.0.1" };

  it.each(["unix:///var/run/docker.sock", "tcp://10.0.0.1:2376", "ssh://host", "ssh://ops@host.example:22"])(
    "take the endpoint %s",
    (docker) => expect(faultsOf({ hosts: [{ ...one, docker }] })).toEqual([]),
  );

  it.each([
    ...["/var/run/docker.sock", "unix://run/docker.sock", "tcp://10.0.0.1", "http://x:1", "ssh://", ""],
    ...["ssh://-oProxyCommand=id", "ssh://-l@host", "ssh://$(id)", "unix:///run/\0docker.sock", "tcp://-H:1"],
  ])("refuse the endpoint %j", (docker) =>
    expect(faultsOf({ hosts: [{ ...one, docker }] }).map((fault) => [fault.key, fault.allowed])).toEqual([
      ["acgs-db:hosts[0].docker", "unix:///path, tcp://host:port or ssh://[user@]host[:port]"],
    ]),
  );

  it.each(["10.0.0.1", "db.example", "localhost", "a".repeat(63)])("take the address %s", (address) =>
    expect(faultsOf({ hosts: [{ ...one, address }] })).toEqual([]),
  );

  it.each([
    ...["999.1.1.1", "a b", "-x", "db.example:5432", "http://db", "a".repeat(64), "a_b", "$(id)"],
    ...["fd00::1", "fe80::1%eth0"],
  ])("refuse the address %j", (address) =>
    expect(faultsOf({ hosts: [{ ...one, address }] }).map((fault) => fault.key)).toEqual([
      "acgs-db:hosts[0].address",
    ]),
  );

  it.each(["etcd-client", "ETCD-Peer"])("are not reached under %s, by which etcd knows its own", (name) => {
    const faults = faultsOf({ hosts: [{ ...one, address: name }], tls: { names: ["db.example", name] } });
    expect(faults.map(({ key, value }) => [key, value])).toEqual([
      ["acgs-db:hosts[0].address", JSON.stringify(name)],
      ["acgs-db:tls.names[1]", JSON.stringify(name)],
    ]);
    expect(faults[1]!.remedy).toBe("pulumi config rm --path 'acgs-db:tls.names[1]'");
  });

  it("bind to addresses, not to names", () => {
    expect(faultsOf({ hosts: [{ ...one, bind: "localhost" }] })[0]?.key).toBe("acgs-db:hosts[0].bind");
  });

  it("bind to addresses that are no interface's alone", () => {
    expect(faultsOf({ hosts: [{ ...one, bind: "fd00::1" }] })).toEqual([]);
    expect(faultsOf({ hosts: [{ ...one, bind: "fe80::1%eth0" }] })[0]?.key).toBe("acgs-db:hosts[0].bind");
  });

  it("are one for now, each with its own name", () => {
    expect(faultsOf({ hosts: [one, one] })).toEqual([
      {
        key: "acgs-db:hosts",
        value: '"a" more than once',
        allowed: "a name of its own for each host",
        remedy: "rename all but one: pulumi config set --path 'acgs-db:hosts[1].name' a-2",
      },
      {
        key: "acgs-db:hosts",
        value: "2 hosts: a, a",
        allowed:
          "one host: several are not deployed yet. The traffic between members would cross the network,\n" +
          "and their ports are not published for it.",
        remedy: "pulumi config rm --path 'acgs-db:hosts[1]'",
      },
    ]);
  });
});

describe("checks of other parts", () => {
  const check = (reads: string[], seen: StackConfiguration[] = []): ExtraCheck => ({
    reads,
    faults: (configuration) => {
      seen.push(configuration);
      return [someFault];
    },
  });

  it("are reported beside the others", () => {
    const keys = faultsOf({ etcd: { members: 2 } }, [check(["postgres"])]).map((fault) => fault.key);
    expect(keys).toEqual(["acgs-db:etcd.members", "acgs-db:x"]);
  });

  it("are left out where what they read is at fault already", () => {
    const keys = faultsOf({ postgres: { cpus: 0 } }, [check(["postgres.cpus"]), check(["postgres"])]);
    expect(keys.map((fault) => fault.key)).toEqual(["acgs-db:postgres.cpus"]);
    expect(faultsOf({ postgres: { cpus: 0 } }, [check(["postgres.cp"])])).toHaveLength(2);
  });

  it("see defaults in place of what is at fault elsewhere", () => {
    const seen: StackConfiguration[] = [];
    faultsOf({ postgres: { cpus: 0, memoryMb: 2048 } }, [check(["postgres.memoryMb"], seen)]);
    expect(seen[0]?.postgres).toMatchObject({ cpus: 2, memoryMb: 2048 });
  });

  it("read everything where they do not say what", () => {
    const bare = () => [someFault];
    expect(faultsOf({}, [bare])).toEqual([someFault]);
    expect(faultsOf({ etcd: { members: 2 } }, [bare]).map((fault) => fault.key)).toEqual([
      "acgs-db:etcd.members",
    ]);
  });
});

describe("whatever is given", () => {
  const key = fc.constantFrom(
    "prefix",
    "hosts",
    "ports",
    "postgres",
    "pgbouncer",
    "redis",
    "passwords",
    "cache",
    "x",
  );
  const inner = fc.constantFrom(
    "members",
    "parameters",
    "pools",
    "reader",
    "auth_service",
    "name",
    "redis",
    "__proto__",
  );
  const value = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom(null, true, -1, 0, 3, 1.5, 1e99, "", "off", "a\u0000b"),
      fc.array(tie("any"), { maxLength: 3 }),
      fc.dictionary(inner, tie("any"), { maxKeys: 4 }),
    ),
  })).any;

  it("never takes a name that a renderer would not take", () => {
    const names = fc.oneof(hostileName, fc.domain(), fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(names, (name) => {
        const host = { name: "a", docker: "unix:///run/docker.sock", address: name };
        if (faultsOf({ prefix: name }).length === 0) {
          etcdCommand("etcd-1", ["etcd-1"], name);
          patroniMember({ scope: name, name: "postgres-1", etcd: [] });
        }
        if (faultsOf({ hosts: [host] }).length === 0) nodeConfig(6379, name);
        for (const fault of [...faultsOf({ prefix: name }), ...faultsOf({ hosts: [host] })]) {
          expect(fault.key).toMatch(/^acgs-db:(prefix|hosts\[0\]\.address)$/);
          expect(fault.value).toBe(shown(name));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("asks for the missing part of the operator's own authority, and shows neither", () => {
    for (const [given, missing] of [
      ["certificate", "key"],
      ["key", "certificate"],
    ] as const) {
      const faults = faultsOf({ certificateAuthority: { [given]: "hunter2" }, etcd: { members: 2 } });
      expect(faults.map(({ key }) => key)).toEqual([
        "acgs-db:etcd.members",
        `acgs-db:certificateAuthority.${missing}`,
      ]);
      expect(faults[1]).toEqual({
        key: `acgs-db:certificateAuthority.${missing}`,
        value: "nothing",
        allowed: "a mapping of `certificate` and `key` (unencrypted PKCS #8)",
        remedy:
          `pulumi config set --path --secret acgs-db:certificateAuthority.${missing}\n` +
          "or pulumi config rm --path acgs-db:certificateAuthority",
      });
    }
    expect(faultsOf({ certificateAuthority: {} })).toHaveLength(2);
  });

  it("gives a configuration or faults with all four parts, and nothing else", () => {
    fc.assert(
      fc.property(fc.oneof(value, fc.dictionary(key, value)), (raw) => {
        try {
          parseConfiguration(raw, "dev");
        } catch (error) {
          if (!(error instanceof ConfigurationError)) throw error;
          expect(error.faults.length).toBeGreaterThan(0);
          for (const fault of error.faults) {
            expect(Object.values(fault).every((part) => typeof part === "string" && part !== "")).toBe(true);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
