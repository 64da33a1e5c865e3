import type * as pulumi from "@pulumi/pulumi";
import { setTimeout as pause } from "node:timers/promises";
import { type ParametersByCost, splitByCost } from "./catalogue.ts";
import { restartMembers, untilComplete } from "./freshCluster.ts";
import { asShown, hasDatabases, type MemberSettings, readMember } from "./memberSettings.ts";
import {
  type PendingRestart,
  pendingRestarts,
  stillMissing,
  type WantedSettings,
} from "./parametersInForce.ts";
import { type DynamicConfiguration, type MemberAddress, Patroni } from "./patroniClient.ts";

/** What a preview compares. The headings say what a change of the values below them costs. */
export interface ParametersInputs extends ParametersByCost {
  /** Lines of pg_hba.conf, applied by reload. */
  accessRules: string[];
  /** Patroni's own settings, taken up without reload. */
  clusterRules: Record<string, unknown>;
  members: Record<string, MemberAddress>;
  restUser: string;
  restPassword: string;
  superuserPassword: string;
}

interface State extends ParametersInputs {
  version: string;
  inForce: Record<string, string>;
  pendingRestart: PendingRestart[];
}

/** Members look for changes every `loop_wait` (2 s), and reload in a moment. */
const TAKEN_WITHIN_MS = 30_000;
/** A member that does not even answer is away. */
const ANSWERS_WITHIN_MS = 12_000;
const POLL_MS = 300;

const INPUTS = [
  "appliedByReload",
  "appliedByRestart",
  "appliedByRestartPrimaryFirstWhenLowered",
  "accessRules",
  "clusterRules",
  "members",
  "restUser",
  "restPassword",
  "superuserPassword",
] as const satisfies (keyof ParametersInputs)[];

export const provider: pulumi.dynamic.ResourceProvider<ParametersInputs, State> = {
  /** Nobody uses a cluster without databases yet: it is restarted where that is needed, so that it starts tuned. */
  async create(inputs) {
    const patroni = patroniOf(inputs);
    const members = Object.keys(inputs.members);
    const primary = await untilComplete(patroni, members);
    const wanted = await apply(inputs, {});
    await untilTaken(inputs, wanted);
    if (!(await hasDatabases(inputs.members[primary]!, inputs.superuserPassword))) {
      await restartMembers(patroni, members, async () => pendingOf(await untilTaken(inputs, wanted), inputs));
    }
    return { id: "parameters", outs: await stateOf(inputs, wanted) };
  },

  /** Never restarts anything: sessions stay, and what needs a restart is listed as pending. */
  async update(_id, olds, news) {
    const wanted = await apply(news, olds.clusterRules);
    return { outs: await stateOf(news, wanted) };
  },

  /** What is really set, so that a change made by hand shows as a difference after a refresh. */
  async read(id, props) {
    if (props === undefined) throw new Error("The parameters of a cluster cannot be imported.");
    const found = await patroniOf(props).configuration();
    const inputs = { ...pick(props), ...asInputs(found, props.clusterRules) };
    const settings = await readMembers(inputs);
    const outputs = settings.size === 0 ? outputsIn(props) : outputsOf(settings, inputs);
    return { id, inputs: inputs as State, props: { ...inputs, ...outputs } };
  },
};

/** Writes all into the dynamic configuration, whose parameters are this resource's alone: others are taken out. */
async function apply(inputs: ParametersInputs, oldRules: Record<string, unknown>): Promise<WantedSettings> {
  const patroni = patroniOf(inputs);
  const parameters = parametersOf(inputs);
  const found = await patroni.configuration();
  const removed = Object.keys(found.postgresql?.parameters ?? {}).filter((name) => !(name in parameters));
  const oldKeys = Object.keys(oldRules).filter((key) => !(key in inputs.clusterRules));
  const without = (names: string[]) => Object.fromEntries(names.map((name) => [name, null]));
  await patroni.patch({
    ...without(oldKeys),
    ...inputs.clusterRules,
    postgresql: { parameters: { ...without(removed), ...parameters }, pg_hba: inputs.accessRules },
  });
  return { parameters, accessRules: inputs.accessRules, removed };
}

/** Waits until every member has taken all values, and has those in force that need no restart. */
async function untilTaken(
  inputs: ParametersInputs,
  wanted: WantedSettings,
): Promise<Map<string, MemberSettings>> {
  const start = Date.now();
  const taken = new Map<string, MemberSettings>();
  for (;;) {
    const missing: string[] = [];
    let away = true;
    for (const [member, address] of Object.entries(inputs.members)) {
      if (taken.has(member)) continue;
      const settings = await readMember(address, inputs.superuserPassword).catch((error: Error) => error);
      const lack = settings instanceof Error ? settings.message : stillMissing(member, settings, wanted);
      if (!(settings instanceof Error)) away = false;
      if (lack === undefined) taken.set(member, settings as MemberSettings);
      else missing.push(`${member}: ${lack}`);
    }
    if (missing.length === 0) return inOrder(taken, inputs);
    if (Date.now() - start > (away ? ANSWERS_WITHIN_MS : TAKEN_WITHIN_MS)) {
      throw new Error(
        `The new parameters are in the cluster's configuration, but not in force everywhere (${missing.join("; ")}). ` +
          "A member that is away takes them when it is back. See `docker logs` of the member, and run the update again.",
      );
    }
    await pause(POLL_MS);
  }
}

/** In the members' own order, whichever was first to take the values: outputs must not differ by chance. */
function inOrder<T>(found: Map<string, T>, inputs: ParametersInputs): Map<string, T> {
  return new Map(Object.keys(inputs.members).map((member) => [member, found.get(member)!]));
}

async function stateOf(inputs: ParametersInputs, wanted: WantedSettings): Promise<State> {
  return { ...pick(inputs), ...outputsOf(await untilTaken(inputs, wanted), inputs) };
}

function outputsIn({ version, inForce, pendingRestart }: State) {
  return { version, inForce, pendingRestart };
}

function outputsOf(settings: Map<string, MemberSettings>, inputs: ParametersInputs) {
  // All members have the same, but for what is listed as pending: the first speaks for them.
  const [first] = settings.values();
  const names = Object.keys(parametersOf(inputs)).sort();
  return {
    version: first?.version ?? "",
    inForce: Object.fromEntries(names.map((name) => [name, first?.current.get(name)?.value ?? ""])),
    pendingRestart: pendingOf(settings, inputs),
  };
}

function pendingOf(settings: Map<string, MemberSettings>, inputs: ParametersInputs): PendingRestart[] {
  const parameters = parametersOf(inputs);
  return [...settings].flatMap(([member, found]) => pendingRestarts(member, found, parameters));
}

/** The members that answer: a refresh must work also while one is away. */
async function readMembers(inputs: ParametersInputs): Promise<Map<string, MemberSettings>> {
  const found = await Promise.allSettled(
    Object.entries(inputs.members).map(
      async ([member, address]) => [member, await readMember(address, inputs.superuserPassword)] as const,
    ),
  );
  return new Map(found.flatMap((result) => (result.status === "fulfilled" ? [result.value] : [])));
}

/** The dynamic configuration in the words of the inputs; of Patroni's own settings those that the stack sets. */
function asInputs(found: DynamicConfiguration, rules: Record<string, unknown>): Partial<ParametersInputs> {
  const parameters = Object.entries(found.postgresql?.parameters ?? {}).map(
    ([name, value]) => [name, asShown(name, String(value))] as const,
  );
  return {
    ...splitByCost(Object.fromEntries(parameters)),
    accessRules: found.postgresql?.pg_hba ?? [],
    clusterRules: Object.fromEntries(Object.keys(rules).map((key) => [key, found[key]])),
  };
}

function parametersOf(inputs: ParametersInputs): Record<string, string> {
  return {
    ...inputs.appliedByReload,
    ...inputs.appliedByRestart,
    ...inputs.appliedByRestartPrimaryFirstWhenLowered,
  };
}

function patroniOf({ members, restUser, restPassword }: ParametersInputs): Patroni {
  return new Patroni(members, restUser, restPassword);
}

function pick(props: ParametersInputs): ParametersInputs {
  return Object.fromEntries(INPUTS.map((name) => [name, props[name]])) as unknown as ParametersInputs;
}
