import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { afterAll, describe, expect, it } from "vitest";
import { policyFlags } from "../../cli/pulumiArguments.ts";
import { shippedConfiguration } from "../../testing/stackConfiguration.ts";
import { TestStack } from "../support/testStack.ts";

// Previews alone, by the real engine with the real pack. Only the last test makes something: volumes.

const stacks: TestStack[] = [];

async function stackWith(configuration: Record<string, unknown>): Promise<TestStack> {
  const stack = await TestStack.create(configuration);
  stacks.push(stack);
  return stack;
}

/** A preview under the rules: whether it succeeds, and what it says. */
async function previewOf(stack: TestStack) {
  const { status, stdout, stderr } = await stack.pulumi([
    "preview",
    "--non-interactive",
    ...policyFlags("preview"),
  ]);
  return { status, text: stdout + stderr };
}

/** The rules that a preview names, each with the resource, sorted. */
function refusals(text: string): string[] {
  const found = text.matchAll(/\[mandatory\]\s+(\S+)\s+\(\S+: (\S+)\)/g);
  return [...found].map(([, rule, resource]) => `${rule} ${resource}`).sort();
}

afterAll(async () => {
  for (const stack of stacks) await stack.end();
});

describe("the rules", () => {
  it.each(["dev", "prod"] as const)("let the %s stack pass that the project ships", async (name) => {
    const { status, text } = await previewOf(await stackWith(shippedConfiguration(name)));
    expect(refusals(text)).toEqual([]);
    expect(text).toMatch(/✅ acgs-db@v/);
    expect(status).toBe(0);
    // What a preview cannot know is passed over without a word.
    expect(text).not.toContain("can't run policy");
  });

  it("refuse a production stack of the smallest numbers, and say what to do", async () => {
    const dev = shippedConfiguration("dev");
    const host = {
      name: "local",
      docker: "unix:///var/run/docker.sock",
      address: "127.0.0.1",
      bind: "0.0.0.0",
    };
    const stack = await stackWith({
      ...dev,
      environment: "production",
      hosts: [host],
      partitions: { retentionMonths: 3 },
    });
    const { status, text } = await previewOf(stack);
    expect(status).not.toBe(0);
    const rules = new Set(refusals(text).map((one) => one.split(" ")[0]));
    expect([...rules]).toEqual([
      "kept-partitions",
      "named-address",
      "protected-data",
      "synchronous",
      "three-etcd",
      "three-postgres",
    ]);
    expect(text).toContain("the stack has 1 member of etcd, not 3.");
    expect(text).toContain("Remedy (rule three-etcd): set acgs-db:etcd.members to 3 when the stack is made");
    expect(text).toContain("postgres-1-data holds data and is not protected.");
    expect(text).toMatch(/publishes port \d+ on every address of its host/);
  });

  it("refuse what a program makes of containers, roles and secrets, naming the resource and the remedy", async () => {
    const stack = await stackWith({});
    await writeFile(join(stack.directory, "index.ts"), PROGRAM);
    const { status, text } = await previewOf(stack);
    expect(status).not.toBe(0);
    const ofContainer = [
      ...["cpu-limit", "health-check", "memory-limit", "no-capabilities", "no-docker-socket"],
      ...["no-exposed-secret", "no-host-namespaces", "no-new-privileges", "no-plaintext", "not-privileged"],
      ...["not-root", "pinned-image", "process-limit", "read-only-root", "restart-policy", "stop-grace"],
    ];
    expect(refusals(text)).toEqual(
      [
        ...ofContainer.map((rule) => `${rule} bad`),
        ...[
          "no-plaintext server",
          "no-superuser root",
          "no-superuser-login server",
          "password-verifier root",
        ],
        // What does not say that it is development is production.
        ...["three-etcd acgs-db-test", "three-postgres acgs-db-test"],
      ].sort(),
    );
    expect(text).toContain("bad holds a secret by its name (environment variable PGPASSWORD).");
    expect(text).toContain("Remedy (rule no-exposed-secret): hand it over in a file");
    expect(text).not.toContain("of-nobody-1");
  });
});

describe("data", () => {
  it("goes only when the update before has named it", async () => {
    const six = { masters: 3, replicasPerMaster: 1 };
    const three = { masters: 3, replicasPerMaster: 0 };
    const leaving = ["redis-4-data", "redis-5-data", "redis-6-data"];
    const stack = await stackWith({
      environment: "development",
      redis: six,
      dataVolumes: { protect: true, retain: false },
    });
    await writeFile(join(stack.directory, "index.ts"), VOLUMES);
    const make = async () => {
      const { status, stdout, stderr } = await stack.tryUp();
      expect(status, stdout + stderr).toBe(0);
    };
    await make();

    await stack.configure({ redis: three });
    const refused = await previewOf(stack);
    expect(refused.status).not.toBe(0);
    expect(refused.text).toContain(
      `${leaving.join(", ")} hold data, and this change would delete them. Take the change back, set ` +
        `acgs-db:allowDataLoss to ${JSON.stringify(leaving)} and run an update; then make the change again.`,
    );

    // Named in the same update it stays, too: the engine goes by what the last update has left.
    await stack.configure({ allowDataLoss: leaving });
    expect((await stack.tryPreview()).status).not.toBe(0);

    await stack.configure({ redis: six });
    await make();
    await stack.configure({ redis: three });
    const steps = await stack.preview();
    const deleted = steps.filter(({ op }) => op === "delete").map(({ name }) => name);
    expect(deleted.sort()).toEqual(leaving);
  });
});

/** The guard and the data volumes of Redis, as the whole program makes them. */
const VOLUMES = `
import { StackGuard } from "./components/stack/stackGuard.ts";
import { Host } from "./components/docker/host.ts";
import { place } from "./components/docker/placement.ts";
import { CertificateAuthority } from "./components/security/certificateAuthority.ts";
import { certificatePolicy } from "./components/security/certificatePolicy.ts";
import { loadConfiguration } from "./components/stack/read.ts";

const { configuration } = loadConfiguration();
const { prefix, redis, allowDataLoss } = configuration;
const dataVolumes = { ...configuration.dataVolumes, allowDataLoss };
const guard = new StackGuard("stack-guard", configuration);
const authority = new CertificateAuthority("certificate-authority", { name: prefix });
const certificates = certificatePolicy(configuration.tls);
const host = new Host("local", { ...configuration.hosts[0]!, prefix, guard, dataVolumes, authority, certificates });
for (const { alias } of place("redis", redis.masters * (1 + redis.replicasPerMaster), [host]))
  host.dataVolume(alias, {});
`;

/** Breaks nearly every rule over a single resource. */
const PROGRAM = `
import * as docker from "@pulumi/docker";
import * as postgresql from "@pulumi/postgresql";

new docker.Container("bad", {
  name: "acgs-test-policy-bad",
  image: "redis:latest",
  command: ["redis-server", "--announce", "http://redis-2:6379"],
  envs: ["PGPASSWORD=of-nobody-1"],
  privileged: true,
  networkMode: "host",
  restart: "no",
  volumes: [{ hostPath: "/var/run/docker.sock", containerPath: "/var/run/docker.sock" }],
});
const server = new postgresql.Provider("server", { host: "127.0.0.1", sslmode: "disable" });
new postgresql.Role("root", { name: "root", superuser: true, password: "of-nobody-1" }, { provider: server });
`;
