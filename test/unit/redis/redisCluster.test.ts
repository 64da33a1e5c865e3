import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { CACHE_USERS } from "../../../components/roles/cacheUsers.ts";
import { NODE_FILE } from "../../../components/redis/nodeFiles.ts";
import { parseConfiguration } from "../../../components/stack/configuration.ts";
import { recordRegistrations, valueOf, type Registration } from "../../support/mocks.ts";

const PASSWORDS = Object.fromEntries(
  CACHE_USERS.map(({ name }) => [name, pulumi.secret([`secret-of-${name}`])]),
);
const CONTAINER = "docker:index/container:Container";
const STATE = "pulumi-nodejs:dynamic/acgs:RedisClusterState";
const HANDOVER = "pulumi-nodejs:dynamic/acgs:RedisBeforeReplace";

/** A secret as it arrives, without its wrapping. */
const plain = (value: unknown): unknown => (value as { value?: unknown }).value ?? value;

describe("a Redis cluster of 3 masters with a replica each", () => {
  const { ofType, registrations } = recordRegistrations();
  let cluster: import("../../../components/redis/redisCluster.ts").RedisCluster;

  beforeAll(async () => {
    const { Host } = await import("../../../components/docker/host.ts");
    const { RedisCluster } = await import("../../../components/redis/redisCluster.ts");
    const { StackGuard } = await import("../../../components/stack/stackGuard.ts");
    const guard = new StackGuard("stack-guard", parseConfiguration({}, "unit"));
    const host = new Host("local", {
      guard,
      name: "local",
      docker: "unix:///var/run/docker.sock",
      address: "127.0.0.1",
      bind: "127.0.0.1",
      prefix: "acgs-unit",
      dataVolumes: { protect: true, retain: true },
      authority: { certificate: "PEM", key: pulumi.secret("PEM") },
      certificates: { validDays: 365, renewedSince: "2026-09-01", renewal: 0, clientNames: [] },
    });
    cluster = new RedisCluster("redis", {
      host,
      image: "sha256:redis",
      port: 6379,
      settings: { masters: 3, replicasPerMaster: 1, maxMemoryMb: 64, maxClients: 100 },
      passwords: PASSWORDS,
      adminPasswords: pulumi.secret(["admin-secret", "former-secret"]),
    });
    // It depends on everything else.
    await valueOf(cluster.version);
  });

  const nodes = () => ofType(CONTAINER).toSorted((a, b) => a.name.localeCompare(b.name));
  /** Contents by path, of secret files without the secret's wrapping. */
  const filesOf = ({ name }: Registration, kinds: readonly string[] = ["files", "reloadableFiles"]) => {
    const found = ofType("pulumi-nodejs:dynamic/acgs:ContainerFiles").find(
      (one) => one.name === `${name}-container-files`,
    );
    const files = kinds.flatMap((kind) => Object.entries(plain(found!.inputs[kind]) as object));
    return new Map(files.map(([path, text]) => [path, plain(text) as string]));
  };

  it("is six containers with a volume each, and one resource that forms them", () => {
    expect(nodes().map(({ name }) => name)).toEqual([1, 2, 3, 4, 5, 6].map((i) => `redis-${i}`));
    expect(ofType("docker:index/volume:Volume").map(({ inputs }) => inputs["name"])).toEqual(
      [1, 2, 3, 4, 5, 6].flatMap((i) => [`acgs-unit-redis-${i}-data`, `acgs-unit-redis-${i}-files`]),
    );
    expect(ofType(STATE)).toHaveLength(1);
    expect(cluster.containers).toHaveLength(6);
    expect(cluster.volumes).toHaveLength(6);
  });

  it("publishes each node on the port it listens on inside, and not the bus", () => {
    for (const [i, { inputs }] of nodes().entries()) {
      const port = 6379 + i;
      expect(inputs["ports"]).toEqual([{ internal: port, external: port, ip: "127.0.0.1", protocol: "tcp" }]);
    }
    expect(cluster.nodes).toEqual([0, 1, 2, 3, 4, 5].map((i) => ({ host: "127.0.0.1", port: 6379 + i })));
  });

  it("hands each node its own files", () => {
    for (const [i, node] of nodes().entries()) {
      const files = filesOf(node);
      expect([...files.keys()].sort()).toEqual([
        "/run/acgs/redis/base.conf",
        "/run/acgs/redis/peer.conf",
        "/run/acgs/redis/peers",
        "/run/acgs/redis/users.acl",
      ]);
      expect(files.get("/run/acgs/redis/base.conf")).toContain(`\ntls-port ${6379 + i}\n`);
      expect(files.get("/run/acgs/redis/peers")!.match(/^redis-\d \d+$/gm) ?? []).toHaveLength(i);
    }
  });

  it("gives a container twice the data's memory, no swap, a grace, and waits for its health", () => {
    for (const { inputs } of nodes()) {
      expect(inputs).toMatchObject({
        image: "sha256:redis",
        memory: 192,
        memorySwap: 192,
        destroyGraceSeconds: 60,
        restart: "unless-stopped",
        wait: true,
      });
      expect(inputs["volumes"]).toMatchObject([
        { containerPath: "/var/lib/redis" },
        { containerPath: "/run/acgs" },
      ]);
    }
  });

  it("carries what changes live in the resource that forms the cluster, and in no container", () => {
    const [state] = ofType(STATE);
    expect(state!.inputs).toMatchObject({
      nodes: Object.fromEntries([1, 2, 3, 4, 5, 6].map((i) => [`redis-${i}`, `127.0.0.1:${6378 + i}`])),
      masters: 3,
      replicasPerMaster: 1,
      settings: { maxmemory: "64mb", "maxmemory-policy": "allkeys-lru", maxclients: "100" },
      shell: { docker: "local", container: "acgs-unit-redis-1" },
      condition: "in order",
    });
  });

  it("hands a node over before its container is replaced, by everything that replaces it", () => {
    const handovers = ofType(HANDOVER);
    expect(handovers.map(({ name }) => name)).toEqual([1, 2, 3, 4, 5, 6].map((i) => `redis-${i}-handover`));
    for (const [i, node] of nodes().entries()) {
      const { inputs } = handovers[i]!;
      const port = 6379 + i;
      expect(inputs).toMatchObject({ node: `redis-${i + 1}`, address: `127.0.0.1:${port}` });
      // What holds a secret arrives as a secret.
      const { image, ports, files } = plain(inputs["container"]) as {
        image: string;
        ports: object;
        files: Record<string, unknown>;
      };
      expect({ image, ports }).toEqual({ image: "sha256:redis", ports: { [port]: port } });
      const hashes = Object.entries(files).map(([file, hash]) => [file, plain(hash)]);
      const expected = [...filesOf(node, ["files"])].map(([file, content]) => [
        file,
        createHash("sha256").update(content).digest("hex"),
      ]);
      // These are set on the running node: a change of them replaces nothing.
      expect([...filesOf(node, ["reloadableFiles"]).keys()]).toEqual([
        NODE_FILE.peerPassword,
        NODE_FILE.users,
      ]);
      expect(Object.fromEntries(hashes)).toEqual(Object.fromEntries(expected));
    }
    expect(registrations.findIndex(({ name }) => name === "redis-2-handover")).toBeGreaterThan(
      registrations.findIndex(({ name }) => name === "redis-1"),
    );
  });

  it("puts no password in plain into anything but the inputs of those resources", () => {
    const plain = JSON.stringify(registrations.filter(({ type }) => type !== STATE && type !== HANDOVER));
    expect(plain).not.toContain("secret-of-");
    expect(plain).not.toMatch(/(admin|former)-secret/);
  });
});
