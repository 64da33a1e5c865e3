import type * as pulumi from "@pulumi/pulumi";
import { restartPending, movePrimaryOffRemovedMembers } from "./switchover/beforeParameters.ts";
import { parameter, parametersOf, splitByCost } from "./catalogue.ts";
import { restartMembers, waitUntilComplete } from "./bootstrap.ts";
import { asShown, hasDatabases, type MemberSettings } from "./memberSettings.ts";
import {
  type ParametersInputs,
  patroniOf,
  pendingOf,
  readMembers,
  waitUntilApplied,
} from "./applyParameters.ts";
import { fitMembers, lastingFaults, restartOrTakeBack, UnfitError, untilFit } from "./fitness.ts";
import { tryOnReplica } from "./tryOnReplica.ts";
import { type PendingRestart, RefusedValueError, type DesiredSettings } from "./parametersInForce.ts";
import type { DynamicConfiguration, Patroni } from "./patroniClient.ts";

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

/** What an update starts from. */
interface Former {
  rules: Record<string, unknown>;
  found: DynamicConfiguration;
}

export const provider: pulumi.dynamic.ResourceProvider<ParametersInputs, State> = {
  /** Nobody uses a cluster without databases yet: it is restarted where that is needed, so that it starts tuned. */
  async create(inputs) {
    const patroni = patroniOf(inputs);
    const members = Object.keys(inputs.members);
    const primary = await waitUntilComplete(patroni, members);
    const former = { rules: {}, found: await patroni.configuration() };
    const { wanted, settings: found } = await apply(inputs, former, reloadedOf(inputs, former.found));
    let settings = found;
    const pending = () => pendingOf(settings, wanted.parameters);
    if (pending().length > 0 && !(await hasDatabases(inputs.members[primary]!))) {
      const look = async () => {
        settings = await waitUntilApplied(inputs, wanted);
        return pending();
      };
      await restartOrTakeBack(inputs, pending(), () => restartMembers(patroni, members, look));
      settings = await waitUntilApplied(inputs, wanted);
    }
    return { id: "parameters", outs: stateOf(inputs, settings, wanted.parameters) };
  },

  /** What needs a restart is listed as pending, or put in force by a rolling restart, as the configuration says. */
  async update(_id, olds, news) {
    await movePrimaryOffRemovedMembers(olds, news);
    const former = { rules: olds.clusterRules, found: await patroniOf(news).configuration() };
    const changed = reloadedOf(news, former.found);
    await tryOnReplica(news, changed);
    const { wanted, settings: found } = await apply(news, former, changed);
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

/** The values that a reload takes and that are new. */
function reloadedOf(inputs: ParametersInputs, found: DynamicConfiguration): Record<string, string> {
  const former = found.postgresql?.parameters ?? {};
  const isNew = ([name, value]: [string, string]) =>
    parameter(name)?.cost === "reload" && asShown(name, String(former[name])) !== value;
  return Object.fromEntries(Object.entries(parametersOf(inputs)).filter(isNew));
}

/**
 * Writes all into the dynamic configuration, whose parameters are this resource's alone: others are taken out. Done when
 * all members have taken it, and those that worked before still do.
 *
 * @param changed  the values on whose account members are watched
 * @returns what was asked for, and the members' settings as they were read last
 * @throws RefusedValueError after all was put back: no member would start again with that value
 * @throws UnfitError after all was put back
 */
async function apply(inputs: ParametersInputs, former: Former, changed: Parameters): Promise<Applied> {
  const { rules, found } = former;
  const patroni = patroniOf(inputs);
  const parameters = parametersOf(inputs);
  const removed = Object.keys(found.postgresql?.parameters ?? {}).filter((name) => !(name in parameters));
  const oldKeys = Object.keys(rules).filter((key) => !(key in inputs.clusterRules));
  const fit = Object.keys(changed).length > 0 ? await fitMembers(inputs) : [];
  await patroni.patch({
    ...without(oldKeys),
    ...inputs.clusterRules,
    postgresql: { parameters: { ...without(removed), ...parameters }, pg_hba: inputs.accessRules },
  });
  const wanted = { parameters, accessRules: inputs.accessRules, removed };
  let fault: string | undefined;
  try {
    const settings = await waitUntilApplied(inputs, wanted);
    fault = await lastingFaults(fit, inputs);
    if (fault === undefined) return { wanted, settings };
  } catch (error) {
    if (error instanceof RefusedValueError) {
      await restore(patroni, inputs, former);
      throw error;
    }
    fault = await lastingFaults(fit, inputs);
    if (fault === undefined) throw error;
  }
  await restore(patroni, inputs, former);
  await untilFit(fit, inputs);
  throw new UnfitError(changed, fault, "The former configuration is in force again.");
}

/** Puts back what an update has written. */
async function restore(patroni: Patroni, inputs: ParametersInputs, { rules, found }: Former): Promise<void> {
  const keys = Object.keys({ ...rules, ...inputs.clusterRules });
  await patroni.patch({
    ...Object.fromEntries(keys.map((key) => [key, found[key] ?? null])),
    postgresql: {
      parameters: { ...without(Object.keys(parametersOf(inputs))), ...found.postgresql?.parameters },
      pg_hba: found.postgresql?.pg_hba ?? null,
    },
  });
}

/** Takes keys out of the dynamic configuration. */
function without(keys: readonly string[]): Record<string, null> {
  return Object.fromEntries(keys.map((key) => [key, null]));
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
