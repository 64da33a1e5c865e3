import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  lookAtEngine,
  lookWhenSettled,
  madeBy,
  removeContainer,
  removeNetwork,
} from "../../../operations/recovery/engine.ts";
import { buildImage } from "../../../testing/images.ts";
import { docker } from "../../support/engine.ts";

const ENGINE = process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";
const prefix = `acgs-recovery-test-${randomBytes(3).toString("hex")}`;
const networks = [`${prefix}-ours`, `${prefix}-others`];
const names = ["redis-1", "redis-2", "redis-3", "redis-4"].map((alias) => `${prefix}-${alias}`);
let since: number;
let ours: string;

async function container(name: string, network: string, start: boolean): Promise<void> {
  const image = await buildImage("redis");
  const args = ["--name", name, "--network", network, "--entrypoint", "sleep", image, "600"];
  await docker(start ? ["run", "--detach", ...args] : ["create", ...args]);
}

beforeAll(async () => {
  for (const network of networks) await docker(["network", "create", network]);
  ours = (await docker(["network", "inspect", "--format", "{{.Id}}", networks[0]!])).trim();
  await container(names[0]!, networks[0]!, true);
  since = Date.now();
  await container(names[1]!, networks[0]!, true);
  await container(names[2]!, networks[0]!, false);
  await container(names[3]!, networks[1]!, true);
});

afterAll(async () => {
  await docker(["rm", "--force", "--volumes", ...names]).catch(() => undefined);
  for (const network of networks) await docker(["network", "rm", network]).catch(() => undefined);
});

it("takes for an interrupted run's own what it made since it began, on its own network", async () => {
  const { containers } = await lookAtEngine(ENGINE, prefix);
  expect(containers.map(({ name }) => name).sort()).toEqual(names);
  const own = await madeBy({ since, networks: new Set([ours]) }, ENGINE, containers);
  expect(own.map(({ name }) => name).sort()).toEqual(names.slice(1, 3));
  expect(await madeBy({ since: Infinity, networks: new Set([ours]) }, ENGINE, containers)).toEqual([]);
});

it("sees what the engine finishes only now, and removes it", async () => {
  const late = `${prefix}-redis-5`;
  const look = lookWhenSettled(ENGINE, prefix);
  await container(late, networks[0]!, false);
  const seen = (await look).containers.find(({ name }) => name === late);
  expect(seen).toBeDefined();
  const mounts = ["inspect", "--format", "{{range .Mounts}}{{.Name}} {{end}}", late];
  const unnamed = (await docker(mounts)).trim().split(" ");
  expect(unnamed).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  // Twice at once: one of them finds it on its way out, and waits until its name is free.
  await Promise.all([removeContainer(ENGINE, seen!), removeContainer(ENGINE, seen!)]);
  expect((await lookAtEngine(ENGINE, prefix)).containers.map(({ name }) => name)).not.toContain(late);
  await expect(docker(["volume", "inspect", ...unnamed])).rejects.toThrow(/no such volume/i);
});

it("leaves a network that was there before, or has containers on it", async () => {
  const others = (await docker(["network", "inspect", "--format", "{{.Id}}", networks[1]!])).trim();
  const network = { id: others, name: networks[1]! };
  expect(await removeNetwork({ since: 0, networks: new Set() }, ENGINE, network)).toBe(false);
  await docker(["rm", "--force", "--volumes", names[3]!]);
  expect(await removeNetwork({ since, networks: new Set() }, ENGINE, network)).toBe(false);
  expect(await removeNetwork({ since: 0, networks: new Set() }, ENGINE, network)).toBe(true);
});
