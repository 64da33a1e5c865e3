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
  uploads: secret([{ file: "/etc/redis/base.conf", content: "port 6379\n" }]),
  volumes: [{ containerPath: "/var/lib/redis", volumeName: "stack-redis-1-data" }],
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
const state = (container: object) => ({
  version: 3,
  deployment: {
    resources: [
      { type: "pulumi:pulumi:Stack" },
      { type: "docker:index/volume:Volume", inputs: { name: "stack-redis-1-data" } },
      { type: "docker:index/container:Container", inputs: container },
    ],
  },
});

describe("the compose project of a stack", () => {
  const { file, mounted, containers } = composeProject(state(inputs), "bench", "/files");
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

  it("mounts the uploaded files, secret ones too, and fresh volumes", () => {
    expect(mounted).toEqual([{ path: "/files/redis-1/etc/redis/base.conf", content: "port 6379\n" }]);
    expect(services["redis-1"]!.volumes).toEqual([
      "/files/redis-1/etc/redis/base.conf:/etc/redis/base.conf",
      "redis-1-data:/var/lib/redis",
    ]);
    expect(file.volumes).toEqual({ "redis-1-data": { name: "bench-redis-1-data" } });
    expect(JSON.stringify(file)).not.toContain("stack-");
  });

  it("keeps a dollar sign from being taken for a variable", () => {
    expect(services["redis-1"]!.command).toEqual(["redis-server", "--requirepass=$$HOME"]);
  });

  it("reads the names that the provider's stand-in keeps", () => {
    const { command, networksAdvanced, ...others } = inputs;
    const renamed = { ...others, commands: command, networksAdvanceds: networksAdvanced };
    expect(composeProject(state(renamed), "bench", "/files").file).toEqual(file);
  });

  it("refuses a container whose form it does not know", () => {
    expect(() => composeProject(state({ ...inputs, memory: undefined }), "bench", "/files")).toThrow(
      /memory/,
    );
  });
});
