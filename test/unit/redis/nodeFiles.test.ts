import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeConfig, peersFile } from "../../../components/redis/nodeFiles.ts";
import { hostileName } from "../../support/hostile.ts";

describe("a node's fixed settings", () => {
  it("listens on the port it publishes and announces the host that clients reach", () => {
    const lines = nodeConfig(6381, "127.0.0.1").split("\n");
    expect(lines).toContain("tls-port 6381");
    expect(lines).toContain("cluster-announce-hostname 127.0.0.1");
    expect(lines).toContain("cluster-preferred-endpoint-type hostname");
  });

  it("holds nothing that changes live, for an upload that changes replaces the container", () => {
    const config = nodeConfig(6379, "db.example.org");
    for (const live of ["maxmemory ", "maxclients ", "save "]) expect(config).not.toContain(`\n${live}`);
  });

  it.each([0, 55_536, 1.5, Number.NaN])("refuses port %d", (port) => {
    expect(() => nodeConfig(port, "h")).toThrow(
      `Redis cannot listen on port ${port}: it must be a whole number from 1 to 55535.`,
    );
  });

  it("never lets an address become a line of its own", () => {
    fc.assert(
      fc.property(hostileName, (address) => {
        let config;
        try {
          config = nodeConfig(6379, address);
        } catch {
          return;
        }
        expect(config.split("\n")).toHaveLength(nodeConfig(6379, "host").split("\n").length);
        expect(address).toMatch(/^[A-Za-z0-9.-]+$/);
      }),
    );
    for (const address of ["", "a b", "a\nuser x", "::1", '"', "a'b", "-a", "a_b"]) {
      expect(() => nodeConfig(6379, address)).toThrow(JSON.stringify(address));
    }
  });
});

it("names to a node those before it, so that a node which is added changes no file of the others", () => {
  const nodes = ["redis-1", "redis-2", "redis-3"].map((host, i) => ({ host, port: 6379 + i }));
  const peers = (i: number) =>
    peersFile(nodes, i)
      .split("\n")
      .filter((line) => !/^(#|$)/.test(line));
  expect(peers(0)).toEqual([]);
  expect(peers(2)).toEqual(["redis-1 6379", "redis-2 6380"]);
  expect(peersFile(nodes, 0)).not.toBe("");
  expect(peersFile(nodes.slice(0, 2), 1)).toBe(peersFile(nodes, 1));
});
