import { expect, it } from "vitest";
import { TYPE } from "../../../lib/pulumi/types.ts";
import { RESOURCE_RULES } from "../../../policy/rules/index.ts";
import { UNKNOWN, type Args } from "../../../policy/values.ts";
import { container, GOOD, resource, resourceRule } from "./support.ts";

/** By rule: what breaks it, with a part of the refusal; and what keeps it, beside a good container. */
const CASES: Record<string, { broken: [Args, string][]; kept?: Args[] }> = {
  "memory-limit": {
    broken: [
      [{ memory: undefined, memorySwap: undefined }, "has no limit on memory"],
      [{ memory: 0 }, "has no limit on memory"],
      [{ memorySwap: -1 }, "has no limit on memory with swap"],
    ],
  },
  "cpu-limit": {
    broken: [[{ cpuShares: undefined }, "has no share of the cores"]],
    kept: [
      { cpuShares: undefined, cpus: "0.5" },
      { cpuShares: undefined, cpuSet: "0-1" },
    ],
  },
  "process-limit": {
    broken: [
      [{ ulimits: undefined }, "has no limit on processes"],
      [{ ulimits: [{ name: "nofile", soft: 1, hard: 1 }] }, "has no limit on processes"],
      [{ ulimits: [{ name: "nproc", soft: 512, hard: -1 }] }, "has no limit on processes"],
    ],
  },
  "stop-grace": {
    broken: [
      [{ stopTimeout: undefined }, "is killed without a grace when it is stopped"],
      [{ destroyGraceSeconds: 0 }, "is killed without a grace when it is replaced or destroyed"],
    ],
  },
  "health-check": {
    broken: [
      [{ healthcheck: undefined }, "has no health check"],
      [{ healthcheck: { tests: ["NONE"] } }, "has no health check"],
    ],
  },
  "restart-policy": {
    broken: [
      [{ restart: undefined }, "is not started again"],
      [{ restart: "no" }, "is not started again"],
    ],
    kept: [{ restart: "always" }],
  },
  "not-root": {
    broken: [
      [{ user: undefined }, "runs as root: it names no user"],
      [{ user: "root" }, "runs as root"],
      [{ user: "0:999" }, "runs as root"],
      [{ user: ":999" }, "runs as root"],
    ],
    kept: [{ user: "redis" }, { user: "10" }],
  },
  "not-privileged": { broken: [[{ privileged: true }, "is privileged"]], kept: [{ privileged: false }] },
  "no-capabilities": {
    broken: [
      [{ capabilities: undefined }, "keeps capabilities of root"],
      [{ capabilities: { drops: ["NET_RAW"] } }, "keeps capabilities of root"],
      [{ capabilities: { drops: ["ALL"], adds: ["SYS_ADMIN"] } }, "adds the capabilities SYS_ADMIN"],
    ],
    kept: [{ capabilities: { drops: ["CAP_ALL"], adds: [] } }],
  },
  "no-new-privileges": {
    broken: [
      [{ securityOpts: undefined }, "may gain privileges"],
      [{ securityOpts: ["no-new-privileges:false"] }, "may gain privileges"],
      [{ securityOpts: ["no-new-privileges", "seccomp=unconfined"] }, "confinement off (seccomp=unconfined)"],
    ],
    kept: [{ securityOpts: ["no-new-privileges"] }],
  },
  "read-only-root": {
    broken: [
      [{ readOnly: undefined }, "can write to its root file system"],
      [{ readOnly: false }, "can write to its root file system"],
    ],
  },
  "no-host-namespaces": {
    broken: [
      [{ networkMode: "host" }, "is in a namespace of the host (networkMode)"],
      [{ pidMode: "host" }, "(pidMode)"],
      [{ ipcMode: "host" }, "(ipcMode)"],
      [{ usernsMode: "host" }, "(usernsMode)"],
    ],
    kept: [{ networkMode: "bridge" }],
  },
  "no-docker-socket": {
    broken: [
      [
        { volumes: [{ hostPath: "/var/run/docker.sock", containerPath: "/x" }] },
        "mounts /var/run/docker.sock",
      ],
      [{ volumes: [{ hostPath: "/run/", containerPath: "/x" }] }, "mounts /run/ of the host"],
      [{ mounts: [{ type: "bind", source: "/", target: "/host" }] }, "mounts / of the host"],
    ],
    kept: [{ volumes: [{ hostPath: "/srv/certificates", containerPath: "/x" }] }],
  },
  "pinned-image": {
    broken: [
      [{ image: "redis:7" }, "takes the image redis:7"],
      [{ image: "redis" }, "takes the image redis"],
    ],
    kept: [{ image: `debian@sha256:${"0".repeat(64)}` }],
  },
};

const ofContainers = RESOURCE_RULES.filter(({ types }) => types.length === 1 && types[0] === TYPE.container);

it("has cases for every rule over containers alone", () => {
  expect(Object.keys(CASES).sort()).toEqual(ofContainers.map(({ name }) => name).sort());
});

it.each(Object.entries(CASES))("%s", (name, { broken, kept = [] }) => {
  const { faults } = resourceRule(name);
  for (const args of [{}, ...kept]) expect(faults(container(args)), JSON.stringify(args)).toEqual([]);
  for (const [args, says] of broken) {
    expect(faults(container(args)), JSON.stringify(args)).toEqual([expect.stringContaining(says)]);
  }
});

it("finds nothing in what a preview does not know yet", () => {
  const unknown = resource(
    TYPE.container,
    Object.fromEntries(Object.keys(GOOD).map((key) => [key, UNKNOWN])),
  );
  const deeper = container({
    ports: [{ ip: UNKNOWN, external: UNKNOWN }],
    capabilities: { drops: UNKNOWN },
    securityOpts: [UNKNOWN],
    healthcheck: { tests: UNKNOWN },
    command: ["redis-server", UNKNOWN],
    envs: [UNKNOWN],
  });
  for (const { name, types, faults } of RESOURCE_RULES.filter((rule) =>
    rule.types.includes(TYPE.container),
  )) {
    expect(types.length, name).toBeGreaterThan(0);
    expect([...faults(unknown), ...faults(deeper)], name).toEqual([]);
  }
});
