import { afterAll, beforeAll, expect, test } from "vitest";
import { messageOf } from "../../../lib/errors.ts";
import type { ParametersInputs } from "../../../components/postgres/applyParameters.ts";
import { parameter } from "../../../components/postgres/catalogue.ts";
import { provider } from "../../../components/postgres/parameters.provider.ts";
import { parseConfiguration } from "../../../components/stack/configuration.ts";
import { parametersInputs, startCluster, type TestCluster } from "./patroniCluster.ts";
import { boundsOfAll, type Setting } from "./settings.ts";

/**
 * Every parameter that an operator may set, at each of its bounds: the preview refuses the value with its key and a
 * remedy, or members that have it work. `ACGS_DB_TEST_PARAMETERS=all` tries all of them, which takes some minutes;
 * without it a sample is tried.
 */
const isWhole = process.env["ACGS_DB_TEST_PARAMETERS"] === "all";
/** An odd number, so that of two bounds not always the same one is in it. */
const SAMPLE = 11;
const MEMORY_MB = 1024;
/** So many values are tried at once. */
const BATCH = 40;

let cluster: TestCluster;
let state: NonNullable<Awaited<ReturnType<typeof provider.create>>["outs"]>;

beforeAll(async () => {
  cluster = await startCluster();
  for (const member of Object.keys(cluster.members)) {
    const limits = ["--memory", `${MEMORY_MB}m`, "--memory-swap", `${MEMORY_MB}m`];
    await cluster.docker("update", ...limits, cluster.container(member));
  }
  state = (await provider.create(inputs([]))).outs!;
});
afterAll(() => cluster?.stop());

/** @throws what a preview says */
function configured(settings: readonly Setting[]): Record<string, string> {
  const parameters = Object.fromEntries(settings.map(({ name, value }) => [name, value]));
  const postgres = { memoryMb: MEMORY_MB, parameters };
  return parseConfiguration({ environment: "development", postgres }, "dev").parameters;
}

/** @throws what a preview says */
function inputs(settings: readonly Setting[]): ParametersInputs {
  return parametersInputs(cluster, configured(settings), "rolling");
}

/** Why a preview refuses a value; undefined where it takes it. */
function refusal({ name, value }: Setting): string | undefined {
  try {
    configured([{ name, value }]);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** The values with which members do not work. Where a batch fails, its halves are tried. */
async function unfit(settings: readonly Setting[]): Promise<string[]> {
  if (settings.length === 0) return [];
  try {
    state = (await provider.update!("parameters", state, inputs(settings))).outs!;
    return [];
  } catch (error) {
    if (settings.length === 1) {
      const { name, value } = settings[0]!;
      return [`${name} = ${JSON.stringify(value)}: ${messageOf(error)}`];
    }
    const half = Math.ceil(settings.length / 2);
    return [...(await unfit(settings.slice(0, half))), ...(await unfit(settings.slice(half)))];
  }
}

function batches(settings: readonly Setting[]): Setting[][] {
  const all: Setting[][] = [];
  for (const setting of settings) {
    // Two values of one parameter do not fit into one configuration.
    const last = all.at(-1);
    const isFull = !last || last.length === BATCH || last.some(({ name }) => name === setting.name);
    if (isFull) all.push([setting]);
    else last.push(setting);
  }
  return all;
}

const settings = boundsOfAll().filter((_, i) => isWhole || i % SAMPLE === 0);

test("a preview that refuses a bound says what it allows, and names key and remedy", () => {
  for (const setting of settings) {
    const reason = refusal(setting);
    if (reason === undefined) continue;
    expect(reason).toMatch(/acgs-db:postgres\./);
    expect(reason).toMatch(/config (set|rm) /);
  }
});

test("members work with every bound that a preview takes", { timeout: 900_000 }, async () => {
  const taken = settings.filter((setting) => refusal(setting) === undefined);
  const isReload = ({ name }: Setting) => parameter(name)!.cost === "reload";
  const faults: string[] = [];
  for (const batch of [...batches(taken.filter(isReload)), ...batches(taken.filter((s) => !isReload(s)))])
    faults.push(...(await unfit(batch)));
  expect(faults).toEqual([]);
});
