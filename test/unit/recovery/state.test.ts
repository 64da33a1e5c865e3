import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { judgeCheckpoint, repairCheckpoint } from "../../../lib/pulumi/checkpoint.ts";
import {
  dockerResources,
  stoppedContainers,
  strayContainers,
  strayNetworks,
} from "../../../operations/recovery/containers.ts";
import type { SeenEngine } from "../../../operations/recovery/containers.ts";
import { TYPE } from "../../../lib/pulumi/types.ts";
import { endpointIn, prefixOf } from "../../../lib/pulumi/deployment.ts";
import { withoutResources, type Deployment, type StateResource } from "../../../lib/pulumi/deployment.ts";
import { lookAtAllEngines, lookAtEngines } from "../../../operations/recovery/recover.ts";
import { interruptedElsewhere, interruption } from "../../../operations/recovery/messages.ts";

const urn = (type: string, name: string) => `urn:pulumi:dev::acgs-db::${type}::${name}`;
const PROVIDER = urn(TYPE.dockerProvider, "local-docker");
const resource = (
  type: string,
  name: string,
  id: string,
  more: Partial<StateResource> = {},
): StateResource => ({
  urn: urn(type, name),
  type,
  id,
  inputs: { name: `acgs-dev-${name}` },
  provider: `${PROVIDER}::some-id`,
  ...more,
});
const FOUNDATION: StateResource = {
  urn: urn("pulumi-nodejs:dynamic/acgs:StackGuard", "stack-guard"),
  type: "pulumi-nodejs:dynamic/acgs:StackGuard",
  inputs: { prefix: "acgs-dev" },
};
const ENGINE = "unix:///var/run/docker.sock";
const deployment = (...resources: StateResource[]): Deployment => ({
  resources: [
    FOUNDATION,
    { urn: PROVIDER, type: TYPE.dockerProvider, id: "some-id", inputs: { host: ENGINE } },
    ...resources,
  ],
});
const container = (id: string, name: string, state = "running", status = "Up 1 minute") => ({
  id,
  name,
  state,
  status,
});
const engine = (seen: Partial<SeenEngine>): SeenEngine => ({
  containers: [],
  networks: [],
  volumes: [],
  ...seen,
});

describe("a state", () => {
  it("tells the stack's prefix, also when only an operation under way does", () => {
    expect(prefixOf(deployment())).toBe("acgs-dev");
    expect(prefixOf({ pending_operations: [{ type: "creating", resource: FOUNDATION }] })).toBe("acgs-dev");
    expect(prefixOf({})).toBeUndefined();
  });

  it("tells where a resource lives", () => {
    const one = resource(TYPE.container, "redis-1", "a");
    expect(endpointIn(deployment(one), one)).toBe(ENGINE);
    expect(endpointIn({}, one)).toBeUndefined();
  });

  it("loses a resource with all that others say of it", () => {
    const gone = resource(TYPE.container, "redis-1", "a");
    const next = resource(TYPE.container, "redis-2", "b", {
      dependencies: [gone.urn, PROVIDER],
      propertyDependencies: { image: [], name: [gone.urn], none: null },
      deletedWith: gone.urn,
    });
    const { resources } = withoutResources(deployment(gone, next), [gone]);
    expect(resources!.map(({ urn }) => urn)).not.toContain(gone.urn);
    expect(resources!.at(-1)).toEqual({
      ...next,
      dependencies: [PROVIDER],
      propertyDependencies: { image: [], name: [], none: null },
      deletedWith: undefined,
    });
  });

  it("keeps what others say while the new half of a replacement bears the name", () => {
    const old = resource(TYPE.container, "redis-1", "a", { delete: true });
    const made = resource(TYPE.container, "redis-1", "b");
    const next = resource(TYPE.container, "redis-2", "c", { dependencies: [made.urn] });
    const { resources } = withoutResources(deployment(made, old, next), [old]);
    expect(resources!.at(-1)!.dependencies).toEqual([made.urn]);
  });
});

describe("an engine beside the state", () => {
  const known = deployment(
    resource(TYPE.container, "redis-1", "a"),
    resource(TYPE.container, "redis-2", "b"),
    resource(TYPE.container, "redis-3", "c", { pendingReplacement: true }),
    resource(TYPE.network, "local-network", "n", { inputs: { name: "acgs-dev" } }),
    resource(TYPE.volume, "redis-1-data", "acgs-dev-redis-1-data"),
  );

  it("shows what is there, and what runs", () => {
    const seen = engine({
      containers: [container("a", "acgs-dev-redis-1", "exited", "Exited (0)")],
      networks: [{ id: "n", name: "acgs-dev" }],
    });
    const all = dockerResources(known, new Map([[ENGINE, seen]]));
    expect(all.map(({ name, there }) => [name, there])).toEqual([
      ["acgs-dev-redis-1", true],
      ["acgs-dev-redis-2", false],
      ["acgs-dev", true],
      ["acgs-dev-redis-1-data", false],
    ]);
    expect(stoppedContainers(all).map(({ name }) => name)).toEqual(["acgs-dev-redis-1"]);
    expect(dockerResources(known, new Map())).toEqual([]);
  });

  it("has strays: under the names of the stack's own containers, and unknown to its state", () => {
    const seen = engine({
      containers: [
        container("a", "acgs-dev-redis-1"),
        container("x", "acgs-dev-redis-2"),
        container("y", "acgs-dev-mine"),
        container("z", "acgs-dev-2-redis-1"),
        container("c", "acgs-dev-redis-3"),
      ],
      networks: [
        { id: "n", name: "acgs-dev" },
        { id: "m", name: "acgs-dev" },
      ],
    });
    expect(strayContainers(known, seen).map(({ id }) => id)).toEqual(["x"]);
    expect(strayNetworks(known, seen).map(({ id }) => id)).toEqual(["m"]);
    expect(strayContainers({}, seen)).toEqual([]);
  });
});

describe("an engine that does not answer", () => {
  const silent = async (endpoint: string) => Promise.reject(new Error(`${endpoint} is silent`));

  it("is named where a look goes on without it, and stops what changes the stack", async () => {
    const state = deployment(resource(TYPE.container, "redis-1", "c1"));
    expect(await lookAtEngines(state, silent)).toMatchObject({ silent: [`${ENGINE}: ${ENGINE} is silent`] });
    await expect(lookAtAllEngines(state, silent)).rejects.toThrow(
      `What the stack has cannot be seen, so nothing was changed: ${ENGINE}: ${ENGINE} is silent. Start the Docker engine`,
    );
  });
});

describe("a state's file", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "acgs-state-"));
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(directory, { recursive: true });
  });
  const WHOLE = '{"version":3,"checkpoint":{"stack":"dev"}}';
  const at = (name: string) => join(directory, name);

  it("is whole, empty or broken", () => {
    expect(
      [WHOLE, "", " \n", WHOLE.slice(0, 20), "null", "[]", '{"version":3}'].map(judgeCheckpoint),
    ).toEqual([...["whole", "empty", "empty", "broken", "broken", "broken", "broken"]]);
  });

  it("takes its backup's text when it is broken, and is kept aside", () => {
    writeFileSync(at("dev.json"), WHOLE.slice(0, 20));
    writeFileSync(at("dev.json.bak"), WHOLE);
    repairCheckpoint(at("dev.json"), "dev");
    expect(readFileSync(at("dev.json"), "utf8")).toBe(WHOLE);
    expect(readdirSync(directory).filter((name) => name.includes("broken"))).toHaveLength(1);
  });

  it("goes when it is empty and never was anything else; the stack is made again", () => {
    writeFileSync(at("dev.json"), "");
    repairCheckpoint(at("dev.json"), "dev");
    expect(existsSync(at("dev.json"))).toBe(false);
  });

  it("is a fault, and stays, when its backup is broken too", () => {
    writeFileSync(at("dev.json"), "{");
    writeFileSync(at("dev.json.bak"), "");
    expect(() => repairCheckpoint(at("dev.json"), "dev")).toThrow(/is damaged, and so is/);
    expect(readFileSync(at("dev.json"), "utf8")).toBe("{");
  });

  it("is left alone when it is whole or not there", () => {
    repairCheckpoint(at("dev.json"), "dev");
    writeFileSync(at("dev.json"), WHOLE);
    repairCheckpoint(at("dev.json"), "dev");
    expect(readdirSync(directory)).toEqual(["dev.json"]);
  });
});

describe("what is said of an interrupted run", () => {
  const operations = ["redis-1", "redis-2", "redis-3", "redis-4", "redis-5", "redis-6", "redis-7"].map(
    (name) => ({
      type: "creating" as const,
      resource: resource(TYPE.container, name, ""),
    }),
  );

  it("names what was under way", () => {
    expect(interruption("dev", operations)).toBe(
      "› stack dev: an earlier run was interrupted while creating redis-1, creating redis-2, creating redis-3, " +
        "creating redis-4, creating redis-5, creating redis-6 and 1 more",
    );
  });

  it("gives the commands where another machine may have the run", () => {
    const text = interruptedElsewhere("prod", {
      ...deployment(),
      pending_operations: operations.slice(0, 1),
    });
    expect(text.split("\n").slice(1)).toEqual([
      "If nobody is running it any more:",
      "  npm run pulumi -- cancel --stack prod --yes",
      `  docker --host ${ENGINE} rm --force acgs-dev-redis-1   # if it is there; its data is in a volume`,
      "  npm run pulumi -- refresh --stack prod --yes --clear-pending-creates",
      "  npm run up -- prod",
    ]);
  });
});
