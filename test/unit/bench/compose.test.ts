import type { Deployment } from "../../../lib/pulumi/deployment.ts";
import { describe, expect, it } from "vitest";
import { composeProject } from "../../../bench/compose.ts";

const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});

const inputs = {
  name: "stack-redis-1",
  image: "sha256:abc",
  hostname: "redis-1",
  command: ["redis-server", "--requirepass=$HOME"],
  networksAdvanced: [{ __defaults: [], name: "stack", aliases: ["redis-1"] }],
  ports: [{ ip: "127.0.0.1", internal: 6379, external: 16379, protocol: "tcp" }],
  user: "855:855",
  volumes: [
    { containerPath: "/var/lib/redis", volumeName: "stack-redis-1-data" },
    { containerPath: "/run/acgs", volumeName: "stack-redis-1-files" },
  ],
  readOnly: true,
  tmpfs: { "/tmp": "rw,size=64m" },
  capabilities: { drops: ["ALL"] },
  securityOpts: ["no-new-privileges:true"],
  memory: 192,
  memorySwap: 192,
  init: true,
  restart: "unless-stopped",
  stopTimeout: 60,
  healthcheck: {
    tests: ["CMD", "healthcheck"],
    interval: "5s",
    timeout: "5s",
    retries: 3,
    startPeriod: "0s",
  },
  logDriver: "json-file",
  logOpts: { "max-size": "50m" },
};
const files = (container: string) => ({
  container: { docker: "unix:///var/run/docker.sock", container },
  files: secret({ "/run/acgs/redis/base.conf": `# of ${container}\n` }),
  authority: { certificate: "authority", key: secret("key of the authority") },
  issued: secret({ certificate: `certificate of ${container}`, key: `key of ${container}` }),
});
const state = (container: object) =>
  ({
    resources: [
      { type: "pulumi:pulumi:Stack" },
      { type: "docker:index/volume:Volume", inputs: { name: "stack-redis-1-data" } },
      { type: "docker:index/container:Container", inputs: container },
      { type: "pulumi-nodejs:dynamic/acgs:ContainerFiles", outputs: files("stack-redis-1") },
      { type: "pulumi-nodejs:dynamic/acgs:ContainerFiles", outputs: files("stack-redis-2") },
    ],
  }) as Deployment;

describe("the compose project of a stack", () => {
  const { file, files: handed, containers } = composeProject(state(inputs), "bench");
  const services = file.services as Record<string, Record<string, unknown>>;

  it("has each container under its own name, with its limits, ports and health check", () => {
    expect(containers).toEqual(["bench-redis-1"]);
    expect(services["redis-1"]).toMatchObject({
      container_name: "bench-redis-1",
      image: "sha256:abc",
      ports: ["127.0.0.1:16379:6379"],
      mem_limit: "192m",
      memswap_limit: "192m",
      stop_grace_period: "60s",
      healthcheck: { test: ["CMD", "healthcheck"], interval: "5s", timeout: "5s", retries: 3 },
      networks: { default: { aliases: ["redis-1"] } },
    });
  });

  it("has fresh volumes, and hands each container its own files and certificate", () => {
    expect(handed).toEqual([
      {
        ...{ volume: "bench-redis-1-files", image: "sha256:abc", user: 855 },
        files: {
          "/run/acgs/redis/base.conf": "# of stack-redis-1\n",
          "/run/acgs/tls/certificate.pem": "certificate of stack-redis-1",
          "/run/acgs/tls/certificate.pem.key": "key of stack-redis-1",
          "/run/acgs/tls/authority.pem": "authority",
        },
      },
    ]);
    expect(services["redis-1"]).toMatchObject({
      volumes: ["redis-1-data:/var/lib/redis", "redis-1-files:/run/acgs"],
      ...{ user: "855:855", read_only: true, tmpfs: ["/tmp:rw,size=64m"], cap_drop: ["ALL"] },
      security_opt: ["no-new-privileges:true"],
    });
    expect(file.volumes).toEqual({
      "redis-1-data": { name: "bench-redis-1-data" },
      "redis-1-files": { name: "bench-redis-1-files" },
    });
    expect(JSON.stringify(file)).not.toContain("stack-");
  });

  it("keeps a dollar sign from being taken for a variable", () => {
    expect(services["redis-1"]!.command).toEqual(["redis-server", "--requirepass=$$HOME"]);
  });

  it("reads the names that the provider's stand-in keeps", () => {
    const { command, networksAdvanced, ...others } = inputs;
    const renamed = { ...others, commands: command, networksAdvanceds: networksAdvanced };
    expect(composeProject(state(renamed), "bench").file).toEqual(file);
  });

  it("refuses a container whose form it does not know", () => {
    expect(() => composeProject(state({ ...inputs, memory: undefined }), "bench")).toThrow(/memory/);
  });
});
