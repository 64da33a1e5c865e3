import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { IDENTITY_LABEL, STACK_LABEL } from "../../../components/docker/volumeNames.ts";
import { parseConfiguration } from "../../../components/stack/configuration.ts";
import { listeners } from "../../../components/stack/listeners.ts";
import { type GuardedInputs, inputsOf } from "../../../components/stack/stackGuard.ts";
import {
  type SeenHost,
  takenFailures,
  takenNames,
  type WantedNames,
} from "../../../components/stack/takenNames.ts";
import { takenOnHosts, unmarkedParts } from "../../../components/stack/takenOnHosts.ts";
import { rememberHosts } from "../../../lib/hosts.ts";
import { freePorts } from "../../../testing/ports.ts";

const wanted: WantedNames = {
  prefix: "acgs-dev",
  aliases: ["postgres-1", "redis-1"],
  knownAliases: [],
  knowsNetwork: false,
  identity: undefined,
  unmarked: [],
  adopted: [],
  ports: new Map([[6432, "ports.pgbouncer"]]),
  bind: "127.0.0.1",
};
const nothing: SeenHost = { containers: [], networks: [], volumes: [], listeners: new Map() };
const container = (name: string, port?: number, IP = "127.0.0.1") => ({
  ...{ Id: name, Names: [`/${name}`], State: "running", Status: "Up", Labels: {} },
  Ports: port === undefined ? [] : [{ IP, PublicPort: port, Type: "tcp" }],
});
const volume = (Name: string, identity?: string) => ({
  Name,
  Labels: identity === undefined ? null : { [STACK_LABEL]: "acgs-db/dev", [IDENTITY_LABEL]: identity },
});
const taken = (change: Partial<WantedNames>, seen: Partial<SeenHost>) =>
  takenNames({ ...wanted, ...change }, { ...nothing, ...seen });
const none = { names: [], volumes: [], ports: [] };

describe("a new stack on a host that has its names", () => {
  it("is told of every container, network and volume, and whose mark is on it", () => {
    const seen = {
      containers: [container("acgs-dev-postgres-1"), container("acgs-dev-postgres-11"), container("other")],
      networks: ["acgs-dev"],
      volumes: [volume("acgs-dev-postgres-1-data", "a1"), volume("acgs-dev-redis-1-files"), volume("other")],
    };
    expect(taken({}, seen)).toEqual({
      names: [
        "container acgs-dev-postgres-1",
        "network acgs-dev",
        "volume acgs-dev-postgres-1-data (marked by stack acgs-db/dev, identity a1)",
        "volume acgs-dev-redis-1-files (nobody's mark on it)",
      ],
      volumes: ["postgres-1-data", "redis-1-files"],
      ports: [],
    });
  });

  it("is not held up by an empty host, or by what others have", () => {
    expect(taken({}, {})).toEqual(none);
    expect(taken({}, { containers: [container("acgs-prod-postgres-1", 5432)] })).toEqual(none);
  });
});

describe("a stack that is there", () => {
  const own = { knownAliases: wanted.aliases, knowsNetwork: true, identity: "mine" };

  it("takes its own volumes again, those that left it too", () => {
    const volumes = [volume("acgs-dev-postgres-1-data", "mine"), volume("acgs-dev-redis-1-data", "mine")];
    const seen = { containers: [container("acgs-dev-postgres-1")], networks: ["acgs-dev"], volumes };
    expect(taken(own, seen)).toEqual(none);
    expect(taken({ ...own, knownAliases: ["postgres-1"] }, seen)).toEqual(none);
  });

  it("does not take another's volume, nor one without a mark, unless it is named", () => {
    const volumes = [volume("acgs-dev-postgres-1-data", "theirs"), volume("acgs-dev-redis-1-data")];
    expect(taken(own, { volumes }).volumes).toEqual(["postgres-1-data", "redis-1-data"]);
    expect(taken({ ...own, adopted: ["postgres-1-data", "redis-1-data"] }, { volumes })).toEqual(none);
  });

  it("goes on with the volumes that a former version made without marks, and with no others", () => {
    const volumes = [volume("acgs-dev-postgres-1-data"), volume("acgs-dev-redis-1-data")];
    const found = taken({ ...own, unmarked: ["postgres-1"] }, { volumes });
    expect(found.volumes).toEqual(["redis-1-data"]);
    const theirs = [volume("acgs-dev-postgres-1-data", "theirs")];
    expect(taken({ ...own, unmarked: ["postgres-1"] }, { volumes: theirs }).volumes).toEqual([
      "postgres-1-data",
    ]);
  });

  const made = (members: number) => {
    const raw = { postgres: { members }, haproxy: { instances: 2 } };
    return { ...inputsOf(parseConfiguration(raw, "dev")), identity: "mine" } as GuardedInputs;
  };

  it("counts as made by a former version where its guard noted no identity", () => {
    const { identity: _, aliases: __, ...before } = made(2);
    expect(unmarkedParts({}, made(2))).toEqual([]);
    expect(unmarkedParts(before, made(3))).toContain("postgres-2");
    expect(unmarkedParts(before, made(3))).toContain("haproxy-2");
    expect(unmarkedParts(before, made(3))).not.toContain("postgres-3");
    const after = { ...made(2), unmarked: ["postgres-1"] };
    expect(unmarkedParts(after, made(3))).toEqual(["postgres-1"]);
  });

  it("has in its guard every part that is to be made", () => {
    expect(made(3).aliases).toEqual([
      ...["etcd-1", "postgres-1", "postgres-2", "postgres-3", "haproxy-1", "haproxy-2", "pgbouncer-1"],
      ...["redis-1", "redis-2", "redis-3", "redis-4", "redis-5", "redis-6"],
    ]);
  });
});

describe("a port that the stack publishes", () => {
  const own = { knownAliases: wanted.aliases, aliases: ["pgbouncer-1"] };

  it("is taken by a container that is not its own, on an address that meets its own", () => {
    const by = (IP?: string) => taken(own, { containers: [container("theirs", 6432, IP)] }).ports;
    expect(by()).toEqual(["port 6432 (acgs-db:ports.pgbouncer): container theirs"]);
    expect(by("0.0.0.0")).toHaveLength(1);
    expect(by("127.0.0.2")).toEqual([]);
  });

  it("is its own where its own container has it", () => {
    const seen = {
      containers: [container("acgs-dev-pgbouncer-1", 6432)],
      listeners: new Map([[6432, "docker-proxy (process 7)"]]),
    };
    expect(taken(own, seen).ports).toEqual([]);
  });

  it("is taken by a program, which is named", async () => {
    const port = await freePorts(2);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    try {
      const found = await listeners("127.0.0.1", [port, port + 1]);
      expect([...found.keys()]).toEqual([port]);
      expect(found.get(port)).toMatch(process.platform === "linux" ? / \(process \d+\)$/ : /./);
      expect(taken(own, { listeners: new Map([[6432, "nginx (process 7)"]]) }).ports).toEqual([
        "port 6432 (acgs-db:ports.pgbouncer): nginx (process 7)",
      ]);
    } finally {
      server.close();
    }
  });
});

describe("the errors", () => {
  it("list all that is taken, and say what helps", () => {
    const failures = takenFailures("local", wanted, {
      names: ["container acgs-dev-postgres-1", "volume acgs-dev-postgres-1-data (nobody's mark on it)"],
      volumes: ["postgres-1-data"],
      ports: ["port 6432 (acgs-db:ports.pgbouncer): nginx (process 7)"],
    });
    expect(failures.map(({ property }) => property)).toEqual(["prefix", ""]);
    const [names, ports] = failures.map(({ reason }) => reason);
    expect(names).toContain(
      "Nothing was made or written.\n  container acgs-dev-postgres-1\n  volume acgs-dev-",
    );
    expect(names).toContain("pulumi config set --path acgs-db:prefix acgs-dev-2");
    expect(names).not.toContain("adoptVolumes");
    expect(ports).toContain("\n  port 6432 (acgs-db:ports.pgbouncer): nginx (process 7)\n");
    expect(takenFailures("local", wanted, none)).toEqual([]);
  });

  it("say so where an engine does not answer: that is no free host", async () => {
    rememberHosts([{ name: "local", docker: "unix:///nowhere.sock" }]);
    const news = { ...inputsOf(parseConfiguration({}, "dev")), identity: "mine", unmarked: [] };
    const [failure, ...others] = await takenOnHosts({}, news);
    expect(others).toEqual([]);
    expect(failure!.reason).toMatch(
      /^it could not be seen whether the host local .* cannot reach the engine/s,
    );
  });

  it("name the key that takes volumes which nobody uses", () => {
    const names = ["volume acgs-dev-postgres-1-data (nobody's mark on it)"];
    const [failure] = takenFailures("local", wanted, { names, volumes: ["postgres-1-data"], ports: [] });
    expect(failure!.reason).toContain('acgs-db:adoptVolumes: ["postgres-1-data"]');
  });
});
