import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../components/stack/configuration.ts";
import { configurationSchema } from "../../../components/stack/schema.ts";

const root = resolve(import.meta.dirname, "../../..");
// Pulumi's own SDK brings it; it has no types.
const { load } = createRequire(import.meta.url)("js-yaml") as { load: (text: string) => unknown };

interface ProjectFile {
  name: string;
  config: Record<string, { type: string; default: unknown; description: string }>;
}

function yamlFile<T>(name: string): T {
  return load(readFileSync(resolve(root, name), "utf8")) as T;
}

function stackConfiguration(stack: string) {
  const { config } = yamlFile<{ config: Record<string, unknown> }>(`Pulumi.${stack}.yaml`);
  const raw = Object.entries(config).map(([key, value]) => [key.replace(/^acgs-db:/, ""), value]);
  return parseConfiguration(Object.fromEntries(raw), stack);
}

it("Pulumi.yaml knows the program's keys, but for the three that must not have a default there", () => {
  const project = yamlFile<ProjectFile>("Pulumi.yaml");
  const without = ["prefix", "hosts", "certificateAuthority"];
  const keys = Object.keys(configurationSchema.shape).filter((key) => !without.includes(key));
  expect(project.name).toBe("acgs-db");
  expect(Object.keys(project.config)).toEqual(keys);
  const description = expect.any(String) as string;
  const declared: Record<string, object> = {
    environment: { type: "string", default: "production" },
    allowDataLoss: { type: "array", items: { type: "string" }, default: [] },
    adoptVolumes: { type: "array", items: { type: "string" }, default: [] },
  };
  for (const [key, one] of Object.entries(project.config))
    expect(one).toEqual({ ...(declared[key] ?? { type: "object", default: {} }), description });
});

describe("Pulumi.dev.yaml", () => {
  it("is a stack for one machine that can be destroyed whole", () => {
    expect(stackConfiguration("dev")).toMatchObject({
      prefix: "acgs-dev",
      environment: "development",
      etcd: { members: 1 },
      postgres: { members: 2, synchronous: "off", memoryMb: 2048, cpus: 2 },
      haproxy: { instances: 1 },
      pgbouncer: { instances: 1 },
      redis: { masters: 3, replicasPerMaster: 1, maxMemoryMb: 64, maxClients: 100 },
      dataVolumes: { protect: false, retain: false },
    });
  });
});

describe("Pulumi.prod.yaml", () => {
  it("loses no part and no commit with one member, and keeps its data", () => {
    expect(stackConfiguration("prod")).toMatchObject({
      prefix: "acgs-prod",
      environment: "production",
      etcd: { members: 3 },
      postgres: { members: 3, synchronous: "quorum", memoryMb: 32768, cpus: 8, storage: "nvme" },
      haproxy: { instances: 2 },
      pgbouncer: { instances: 2 },
      redis: { masters: 3, replicasPerMaster: 1, maxClients: 500 },
      dataVolumes: { protect: true, retain: true },
      allowDataLoss: [],
    });
  });
});
