import { describe, expect, it } from "vitest";
import { hostEndpoints } from "../../../components/stack/hostEndpoints.ts";
import { dockerProviderOf, endpointOf, hostOfProvider, rememberHosts } from "../../../lib/hosts.ts";
import { TYPE } from "../../../lib/pulumi/types.ts";
import { hostsIn } from "../../../lib/pulumi/deployment.ts";

describe("where the engine of a host is", () => {
  it("takes an endpoint as it was given, and finds the one of a host that was told", () => {
    rememberHosts([{ name: "db-1", docker: "ssh://operator@db-1" }]);
    expect(endpointOf("db-1")).toBe("ssh://operator@db-1");
    expect(endpointOf("unix:///run/docker.sock")).toBe("unix:///run/docker.sock");
  });

  it("reaches no engine for a host that nobody has told of", () => {
    expect(() => endpointOf("db-2")).toThrow('The stack has no host "db-2"');
  });
});

describe("the stack's hosts", () => {
  it("are those of the configuration, as Pulumi holds it", () => {
    const hosts = [{ name: "db-1", docker: "ssh://operator@db-1", address: "10.0.0.1" }];
    expect(hostEndpoints(JSON.stringify(hosts))).toEqual([{ name: "db-1", docker: "ssh://operator@db-1" }]);
  });

  it("is this machine where the configuration names none", () => {
    expect(hostEndpoints(undefined)).toEqual([{ name: "local", docker: "unix:///var/run/docker.sock" }]);
  });

  it("cannot be read without a fault that hides the value", () => {
    for (const text of ["[{]", '[{"name":"db-1","docker":"hunter2"}]', "hunter2"]) {
      expect(() => hostEndpoints(text)).toThrow("acgs-db:hosts is no list of hosts.");
    }
  });

  it("are in the state as its Docker providers", () => {
    const urn = `urn:pulumi:dev::acgs-db::${TYPE.dockerProvider}::${dockerProviderOf("db-1")}`;
    const provider = { urn, type: TYPE.dockerProvider, inputs: { host: "ssh://operator@db-1" } };
    expect(hostsIn({ resources: [provider] })).toEqual([{ name: "db-1", docker: "ssh://operator@db-1" }]);
    expect(hostOfProvider(dockerProviderOf("db-1"))).toBe("db-1");
  });
});
