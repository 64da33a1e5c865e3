import type * as pulumi from "@pulumi/pulumi";
import { restartPending, movePrimaryOffRemovedMembers } from "./switchover/beforeParameters.ts";
import { parametersOf, splitByCost } from "./catalogue.ts";
import { restartMembers, waitUntilComplete } from "./bootstrap.ts";
import { asShown, hasDatabases, type MemberSettings } from "./memberSettings.ts";
import {
  type ParametersInputs,
  patroniOf,
  pendingOf,
  readMembers,
  waitUntilApplied,
} from "./applyParameters.ts";
import { type PendingRestart, RefusedValueError, type DesiredSettings } from "./parametersInForce.ts";
import type { DynamicConfiguration } from "./patroniClient.ts";

interface State extends ParametersInputs {
  version: string;
  inForce: Record<string, string>;
  pendingRestart: PendingRestart[];
}

const INPUTS = [
  "appliedByReload",
  "pendingUntilRestart",
  "pendingUntilRestartPrimaryFirstWhenLowered",
  "appliedByRollingRestart",
  "appliedByRollingRestartPrimaryFirstWhenLowered",
  "restart",
  "accessRules",
  "clusterRules",
  "members",
  "restUser",
  "restPasswords",
  "proxies",
] as const satisfies (keyof ParametersInputs)[];

export const provider: pulumi.dynamic.ResourceProvider<ParametersInputs, State> = {
  /** Nobody uses a cluster without databases yet: it is restarted where that is needed, so that it starts tuned. */
  async create(inputs) {
    const patroni = patroniOf(inputs);
    const members = Object.keys(inputs.members);
    const primary = await waitUntilComplete(patroni, members);
    const wanted = await apply(inputs, {});
    if (!(await hasDatabases(inputs.members[primary]!))) {
      await restartMembers(patroni, members, async () =>
        pendingOf(await waitUntilApplied(inputs, wanted), inputs),
      );
    }
    return { id: "parameters", outs: await stateOf(inputs, wanted) };
  },

  /** What needs a restart is listed as pending, or put in force by a rolling restart, as the configuration says. */
  async update(_id, olds, news) {
    await movePrimaryOffRemovedMembers(olds, news);
    const wanted = await apply(news, olds.clusterRules);
    if (news.restart === "rolling") await restartPending(news, wanted);
    return { outs: await stateOf(news, wanted) };
  },

  /** What is really set, so that a change made by hand shows as a difference after a refresh. */
  async read(id, props) {
    if (props === undefined) throw new Error("The parameters of a cluster cannot be imported.");
    const found = await patroniOf(props).configuration();
    const inputs = { ...pick(props), ...asInputs(found, props) };
    const settings = await readMembers(inputs);
    const outputs = settings.size === 0 ? outputsIn(props) : outputsOf(settings, inputs);
    return { id, inputs: inputs as State, props: { ...inputs, ...outputs } };
  },
};

/**
 * Writes all into the dynamic configuration, whose parameters are this resource's alone: others are taken out. Done when
 * all members have taken it.
 *
 * @throws RefusedValueError after the former parameters were put back: no member would start again with that value
 */
async function apply(inputs: ParametersInputs, oldRules: Record<string, unknown>): Promise<DesiredSettings> {
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
  const wanted = { parameters, accessRules: inputs.accessRules, removed };
  try {
    await waitUntilApplied(inputs, wanted);
  } catch (error) {
    if (error instanceof RefusedValueError) {
      const former = { ...without(Object.keys(parameters)), ...found.postgresql?.parameters };
      await patroni.patch({ postgresql: { parameters: former } });
    }
    throw error;
  }
  return wanted;
}

async function stateOf(inputs: ParametersInputs, wanted: DesiredSettings): Promise<State> {
  return { ...pick(inputs), ...outputsOf(await waitUntilApplied(inputs, wanted), inputs) };
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

/** The dynamic configuration in the words of the inputs; of Patroni's own settings those that the stack sets. */
function asInputs(
  found: DynamicConfiguration,
  { clusterRules: rules, restart }: ParametersInputs,
): Partial<ParametersInputs> {
  const parameters = Object.entries(found.postgresql?.parameters ?? {}).map(
    ([name, value]) => [name, asShown(name, String(value))] as const,
  );
  return {
    ...splitByCost(Object.fromEntries(parameters), restart),
    accessRules: found.postgresql?.pg_hba ?? [],
    clusterRules: Object.fromEntries(Object.keys(rules).map((key) => [key, found[key]])),
  };
}

function pick(props: ParametersInputs): ParametersInputs {
  const present = INPUTS.filter((name) => props[name] !== undefined);
  return Object.fromEntries(present.map((name) => [name, props[name]])) as unknown as ParametersInputs;
}
