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

type Parameters = DesiredSettings["parameters"];
/** By member. */
type Settings = ReadonlyMap<string, MemberSettings>;

interface Applied {
  wanted: DesiredSettings;
  settings: Settings;
}

export const provider: pulumi.dynamic.ResourceProvider<ParametersInputs, State> = {
  /** Nobody uses a cluster without databases yet: it is restarted where that is needed, so that it starts tuned. */
  async create(inputs) {
    const patroni = patroniOf(inputs);
    const members = Object.keys(inputs.members);
    const primary = await waitUntilComplete(patroni, members);
    const { wanted, settings: found } = await apply(inputs, {});
    let settings = found;
    const pending = () => pendingOf(settings, wanted.parameters);
    if (pending().length > 0 && !(await hasDatabases(inputs.members[primary]!))) {
      await restartMembers(patroni, members, async () => {
        settings = await waitUntilApplied(inputs, wanted);
        return pending();
      });
      settings = await waitUntilApplied(inputs, wanted);
    }
    return { id: "parameters", outs: stateOf(inputs, settings, wanted.parameters) };
  },

  /** What needs a restart is listed as pending, or put in force by a rolling restart, as the configuration says. */
  async update(_id, olds, news) {
    await movePrimaryOffRemovedMembers(olds, news);
    const { wanted, settings: found } = await apply(news, olds.clusterRules);
    let settings = found;
    if (news.restart === "rolling" && pendingOf(settings, wanted.parameters).length > 0) {
      await restartPending(news, wanted);
      settings = await waitUntilApplied(news, wanted);
    }
    return { outs: stateOf(news, settings, wanted.parameters) };
  },

  /** What is really set, so that a change made by hand shows as a difference after a refresh. */
  async read(id, props) {
    if (props === undefined) throw new Error("The parameters of a cluster cannot be imported.");
    const found = await patroniOf(props).configuration();
    const inputs = { ...pick(props), ...asInputs(found, props) };
    const settings = await readMembers(inputs);
    const outputs = settings.size === 0 ? outputsIn(props) : outputsOf(settings, parametersOf(inputs));
    return { id, inputs: inputs as State, props: { ...inputs, ...outputs } };
  },
};

/**
 * Writes all into the dynamic configuration, whose parameters are this resource's alone: others are taken out. Done when
 * all members have taken it.
 *
 * @returns what was asked for, and the members' settings as they were read last
 * @throws RefusedValueError after the former parameters were put back: no member would start again with that value
 */
async function apply(inputs: ParametersInputs, oldRules: Record<string, unknown>): Promise<Applied> {
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
    return { wanted, settings: await waitUntilApplied(inputs, wanted) };
  } catch (error) {
    if (error instanceof RefusedValueError) {
      const former = { ...without(Object.keys(parameters)), ...found.postgresql?.parameters };
      await patroni.patch({ postgresql: { parameters: former } });
    }
    throw error;
  }
}

function stateOf(inputs: ParametersInputs, settings: Settings, parameters: Parameters): State {
  return { ...pick(inputs), ...outputsOf(settings, parameters) };
}

function outputsIn({ version, inForce, pendingRestart }: State) {
  return { version, inForce, pendingRestart };
}

function outputsOf(settings: Settings, parameters: Parameters) {
  // All members have the same, but for what is listed as pending: the first speaks for them.
  const [first] = settings.values();
  const names = Object.keys(parameters).sort();
  return {
    version: first?.version ?? "",
    inForce: Object.fromEntries(names.map((name) => [name, first?.current.get(name)?.value ?? ""])),
    pendingRestart: pendingOf(settings, parameters),
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
