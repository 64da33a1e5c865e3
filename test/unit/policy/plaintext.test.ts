import { describe, expect, it } from "vitest";
import { isEveryAddress, isLoopback } from "../../../lib/addresses.ts";
import { TYPE } from "../../../lib/pulumi/types.ts";
import { UNKNOWN } from "../../../policy/values.ts";
import { container, resource, resourceRule } from "./support.ts";

const { faults } = resourceRule("no-plaintext");
const provider = (type: string, args: Record<string, unknown>) => faults(resource(type, args));

describe("no-plaintext", () => {
  it("refuses every sslmode that does not check who answers, the default among them", () => {
    for (const sslmode of ["disable", "allow", "prefer", "require", undefined])
      expect(provider(TYPE.postgresqlProvider, { sslmode })).toEqual([
        `connects with sslmode ${sslmode ?? "require"}, which does not check who answers`,
      ]);
    for (const sslmode of ["verify-full", "verify-ca", UNKNOWN])
      expect(provider(TYPE.postgresqlProvider, { sslmode })).toEqual([]);
  });

  it("refuses an engine over TCP without a certificate", () => {
    const host = "tcp://db-1:2375";
    expect(provider(TYPE.dockerProvider, { host })).toEqual([
      `reaches its engine over ${host} without a certificate`,
    ]);
    expect(provider(TYPE.dockerProvider, { host, certPath: "/etc/docker/certificates" })).toEqual([]);
    for (const safe of ["unix:///var/run/docker.sock", "ssh://operator@db-1"])
      expect(provider(TYPE.dockerProvider, { host: safe })).toEqual([]);
  });

  it("refuses addresses without TLS in a command or an environment variable, each once", () => {
    const command = [
      "etcd",
      "--listen-client-urls=http://0.0.0.0:2379",
      "--initial-cluster=etcd-1=http://etcd-1:2380,etcd-2=http://etcd-2:2380",
      "--advertise-client-urls=http://etcd-1:2379",
    ];
    expect(faults(container({ command }))).toEqual([
      "uses http://0.0.0.0, http://etcd-1, http://etcd-2, which is not encrypted",
    ]);
    expect(faults(container({ envs: ["CACHE=redis://redis-1:6379"] }))).toHaveLength(1);
    expect(faults(container({ envs: ["DB=postgresql://postgres-1/acgs_db?sslmode=disable"] }))).toHaveLength(
      1,
    );
    // A password is no part of what is said.
    expect(faults(container({ envs: ["CACHE=redis://acgs:word@redis-1"] }))[0]).not.toContain("word");
  });

  it("lets TLS pass, and what stays on the host itself", () => {
    const command = [
      "--listen-client-urls=https://0.0.0.0:2379",
      "--listen-metrics-urls=http://127.0.0.1:2381,http://localhost:2382,http://[::1]:2383",
      "rediss://redis-1:6379",
    ];
    expect(
      faults(container({ command, envs: ["DB=postgresql://postgres-1/acgs_db?sslmode=verify-full"] })),
    ).toEqual([]);
  });

  it("looks into what resources of the project connect to, but not into files", () => {
    const rest = (url: string) => ({
      members: { "postgres-1": { host: "10.0.0.5", port: 5433, rest: url } },
    });
    expect(provider(TYPE.parameters, rest("http://10.0.0.5:8008"))).toHaveLength(1);
    expect(provider(TYPE.parameters, rest("https://10.0.0.5:8008"))).toEqual([]);
    expect(provider(TYPE.parameters, { files: { a: "# see http://example.com\nb: 1\n" } })).toEqual([]);
  });
});

describe("addresses", () => {
  it("are loopback, or every one of a host, or neither", () => {
    for (const one of ["127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost"])
      expect(isLoopback(one), one).toBe(true);
    for (const one of ["", "0.0.0.0", "128.0.0.1", "127.0.0.1.example.com", "10.0.0.1"])
      expect(isLoopback(one), one).toBe(false);
    for (const one of ["", "0.0.0.0", "::", "[::]"]) expect(isEveryAddress(one), one).toBe(true);
    for (const one of ["10.0.0.0", "::1"]) expect(isEveryAddress(one), one).toBe(false);
  });
});
