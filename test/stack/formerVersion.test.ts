import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { query, redisClient, valueOf } from "../../testing/clients.ts";
import { buildImage } from "../../testing/images.ts";
import { shippedConfiguration } from "../../testing/stackConfiguration.ts";
import { trustStack } from "../../lib/trust.ts";
import type { StackOutputs } from "../../components/stack/outputs.ts";
import { docker } from "../support/engine.ts";
import { TestStack } from "../support/testStack.ts";
import { Traffic } from "./traffic.ts";

// What a release promises: its state and configuration are brought to the present program by an `up`, and nothing is lost.

/** The newest release: the commit whose stacks are in use. It moves with each release. */
const RELEASE = "fb470639d547d92948699c3b5f53c1f53eaccc60";
const PROJECT = join(import.meta.dirname, "../..");
const MARK = "marked-by-the-former-version";
const ROWS = "SELECT count(*)::int FROM dgm.performance_metrics WHERE service_name = 'former-version'";
const WRITTEN = "SELECT count(*)::int FROM dgm.performance_metrics WHERE service_name = 'traffic'";

/** Outputs of the release that a service uses; the others may have changed since. */
type FormerOutputs = Pick<StackOutputs, "services" | "redis" | "tls">;

let release: string;
let stack: TestStack;
let former: FormerOutputs;
let redisImage: string;

const git = (...args: string[]) => promisify(execFile)("git", ["-C", PROJECT, ...args]);

/** @returns a folder with the release's files */
async function checkOut(): Promise<string> {
  await git("cat-file", "-e", RELEASE).catch(() => {
    throw new Error(
      `This clone lacks the release ${RELEASE}. Fetch the whole history: git fetch --unshallow`,
    );
  });
  const directory = await mkdtemp(join(tmpdir(), "acgs-release-"));
  const archive = join(directory, "release.tar");
  await git("archive", "--output", archive, RELEASE);
  await promisify(execFile)("tar", ["--extract", "--file", archive, "--directory", directory]);
  // Of this machine and not in git, like the packages: the set-up made it where a proxy inspects TLS.
  const bundle = join("images", "postgres", "ca-bundle.crt");
  if (existsSync(join(PROJECT, bundle))) await cp(join(PROJECT, bundle), join(directory, bundle));
  return directory;
}

async function dataVolumes(): Promise<string[]> {
  const names = (await docker(["volume", "ls", "--format", "{{.Name}}"])).split("\n");
  return names.filter((name) => name.startsWith(`${stack.prefix}-`) && name.endsWith("-data")).sort();
}

/** Runs a shell script on a volume, as root and without a network. */
function onVolume(volume: string, script: string): Promise<string> {
  const container = ["--rm", "--name", `${volume}-mark`, "--user", "0", "--network", "none"];
  const mount = ["--volume", `${volume}:/volume`, "--workdir", "/volume"];
  return docker(["run", ...container, ...mount, "--entrypoint", "sh", redisImage, "-c", script]);
}

beforeAll(async () => {
  redisImage = await buildImage("redis");
  release = await checkOut();
  stack = await TestStack.create(shippedConfiguration("dev"), release);
  await stack.up();
  const { stdout } = await stack.pulumi(["stack", "output", "--json", "--show-secrets"]);
  former = JSON.parse(stdout) as FormerOutputs;
  trustStack(former);
  await query(
    former.services.dgm_service.url,
    `INSERT INTO dgm.performance_metrics (service_name, metric_type, metric_name, metric_value)
     SELECT 'former-version', 'latency', 'n', n FROM generate_series(1, 1000) n`,
  );
  const redis = redisClient(former as StackOutputs);
  for (let i = 0; i < 50; i++) await redis.set(`former-version:${i}`, i);
  redis.disconnect();
  for (const volume of await dataVolumes()) await onVolume(volume, `touch ${MARK}`);
});

afterAll(async () => {
  await stack?.end();
  if (release) await rm(release, { recursive: true, force: true });
});

it("previews an update of the last release that keeps every data volume and the database", async () => {
  await stack.takeProgram();
  const gone = (await stack.preview()).filter(
    ({ op, type, name }) =>
      /delete|replace/.test(op) && (/-data$/.test(name) || ["Database", "Schema", "Role"].includes(type)),
  );
  expect(gone).toEqual([]);
});

it("updates it under clients, and keeps every acknowledged row", async () => {
  const volumes = await dataVolumes();
  expect(volumes.length).toBeGreaterThan(8);
  const traffic = Traffic.start(former as StackOutputs);
  let writes: number;
  try {
    await stack.up();
  } finally {
    ({ writes } = await traffic.stop());
  }
  expect(await dataVolumes()).toEqual(volumes);
  const unmarked = [];
  for (const volume of volumes) {
    if ((await onVolume(volume, `ls -a`)).split("\n").includes(MARK)) continue;
    unmarked.push(volume);
  }
  expect(unmarked).toEqual([]);

  const outputs = await stack.outputs();
  expect(outputs.services.dgm_service.url).toBe(former.services.dgm_service.url);
  const { url } = outputs.services.dgm_service;
  expect(await valueOf(url, ROWS)).toBe(1000);
  expect(await valueOf(url, WRITTEN)).toBeGreaterThanOrEqual(writes);
  const redis = redisClient(outputs);
  try {
    const values = await Promise.all(Array.from({ length: 50 }, (_, i) => redis.get(`former-version:${i}`)));
    expect(values).toEqual(Array.from({ length: 50 }, (_, i) => String(i)));
  } finally {
    redis.disconnect();
  }
});

it("changes nothing in a second update", async () => {
  expect(await stack.up()).toEqual([]);
});
