import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { IDENTITY_LABEL } from "../../components/docker/volumeNames.ts";
import { type Deployment, nameOf } from "../../lib/pulumi/deployment.ts";
import { docker } from "../support/engine.ts";
import { TestStack } from "../support/testStack.ts";

// A stack's volumes and network alone, by the real engine: that is what a second stack would write into.

/** The guard, the network and the data volumes of Redis, as the whole program makes them. */
const PROGRAM = `
import { StackGuard } from "./components/stack/stackGuard.ts";
import { Host } from "./components/docker/host.ts";
import { CertificateAuthority } from "./components/security/certificateAuthority.ts";
import { certificatePolicy } from "./components/security/certificatePolicy.ts";
import { loadConfiguration } from "./components/stack/read.ts";

const { configuration } = loadConfiguration();
const { prefix, dataVolumes } = configuration;
const guard = new StackGuard("stack-guard", configuration);
const authority = new CertificateAuthority("certificate-authority", { name: prefix });
const certificates = certificatePolicy(configuration.tls);
const host = new Host("local", { ...configuration.hosts[0]!, prefix, guard, dataVolumes, authority, certificates });
for (const i of [1, 2, 3]) host.dataVolume(\`redis-\${i}\`, {});
`;
const VOLUMES = ["redis-1-data", "redis-2-data", "redis-3-data"];
const LABELS = /labels: \[.*?\n {6}\],\n/s;

const stacks: TestStack[] = [];

async function stackWith(configuration: Record<string, unknown>): Promise<TestStack> {
  const stack = await TestStack.create({
    environment: "development",
    dataVolumes: { protect: false, retain: false },
    ...configuration,
  });
  stacks.push(stack);
  await writeFile(join(stack.directory, "index.ts"), PROGRAM);
  return stack;
}

interface Volume {
  CreatedAt: string;
  Labels: Record<string, string> | null;
}

async function inspect(stack: TestStack): Promise<Volume[]> {
  const names = VOLUMES.map((name) => `${stack.prefix}-${name}`);
  return JSON.parse(await docker(["volume", "inspect", ...names])) as Volume[];
}

/** The state as a version wrote it that gave volumes no identity. */
function formerState(deployment: Deployment): Deployment {
  const isIdentity = (urn: string) => nameOf(urn) === "stack-identity";
  const resources = (deployment.resources ?? []).filter(({ urn }) => !isIdentity(urn));
  for (const one of resources) {
    one.dependencies = (one.dependencies ?? []).filter((urn) => !isIdentity(urn));
    const byProperty = Object.entries(one.propertyDependencies ?? {});
    one.propertyDependencies = Object.fromEntries(
      byProperty.map(([key, urns]) => [key, (urns ?? []).filter((urn) => !isIdentity(urn))]),
    );
    if (nameOf(one.urn) !== "stack-guard") continue;
    for (const values of [one.inputs, one.outputs])
      for (const key of ["identity", "aliases", "adopted", "unmarked"]) delete values?.[key];
  }
  return { ...deployment, resources };
}

afterAll(async () => {
  for (const stack of stacks) await stack.end();
});

it("refuses the names of a running stack, and touches nothing of it", async () => {
  const first = await stackWith({});
  await first.up();
  const before = await inspect(first);
  const identities = new Set(before.map(({ Labels }) => Labels?.[IDENTITY_LABEL]));
  expect([...identities]).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/)]);

  const second = await stackWith({ prefix: first.prefix });
  for (const run of [await second.tryPreview(), await second.tryUp()]) {
    const text = run.stdout + run.stderr;
    expect(run.status, text).not.toBe(0);
    expect(text).toContain(`network ${first.prefix}`);
    for (const name of VOLUMES)
      expect(text).toContain(`volume ${first.prefix}-${name} (marked by stack acgs-db/test, identity `);
    expect(text).toContain(`pulumi config set --path acgs-db:prefix ${first.prefix}-2`);
  }
  const made = ((await second.state()).resources ?? []).map(({ urn }) => nameOf(urn));
  expect(made.filter((name) => name.endsWith("-data") || name === "stack-guard")).toEqual([]);
  expect(await inspect(first)).toEqual(before);
  expect(await first.preview()).toEqual([]);
});

it("keeps the volumes that a former version made without a mark, and gives new ones its own", async () => {
  const stack = await stackWith({ redis: { masters: 3, replicasPerMaster: 0 } });
  const file = join(stack.directory, "components/docker/volume.ts");
  const now = await readFile(file, "utf8");
  expect(now).toMatch(LABELS);
  await writeFile(file, now.replace(LABELS, ""));
  await writeFile(join(stack.directory, "index.ts"), PROGRAM.replace("[1, 2, 3]", "[1, 2]"));
  await stack.up();
  const exported = (await stack.export()) as { deployment: Deployment };
  exported.deployment = formerState(exported.deployment);
  const state = join(stack.directory, "..", "former.json");
  await writeFile(state, JSON.stringify(exported));
  expect((await stack.pulumi(["stack", "import", "--file", state])).status).toBe(0);
  await writeFile(file, now);

  const preview = async () => (await stack.preview()).map(({ op, name }) => `${op} ${name}`).sort();
  expect(await preview()).toEqual(["create stack-identity", "update stack-guard"]);
  await stack.up();
  expect(await preview()).toEqual([]);
  await writeFile(join(stack.directory, "index.ts"), PROGRAM);
  await stack.up();
  const marks = (await inspect(stack)).map(({ Labels }) => Labels?.[IDENTITY_LABEL] !== undefined);
  expect(marks).toEqual([false, false, true]);
  const refreshed = await stack.pulumi(["preview", "--refresh", "--expect-no-changes", "--non-interactive"]);
  expect(refreshed.status, refreshed.stdout + refreshed.stderr).toBe(0);
});

it("knows its volumes again after a destroy that their protection has stopped", async () => {
  const stack = await stackWith({ dataVolumes: { protect: true, retain: true } });
  await stack.up();
  const before = await inspect(stack);
  expect((await stack.pulumi(["destroy", "--yes", "--skip-preview", "--non-interactive"])).status).not.toBe(
    0,
  );
  await stack.up();
  expect(await inspect(stack)).toEqual(before);
});

it("refuses a port that a program of the machine uses", async () => {
  const stack = await stackWith({});
  const port = stack.get<{ pgbouncer: number }>("ports").pgbouncer;
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  try {
    const { status, stdout, stderr } = await stack.tryPreview();
    expect(status).not.toBe(0);
    expect(stdout + stderr).toContain(`port ${port} (acgs-db:ports.pgbouncer): `);
  } finally {
    server.close();
  }
});
