import { messageOf } from "../../lib/errors.ts";
import { nothingMissing, pause, waitFor } from "../../lib/wait.ts";
import { type ParametersInputs, patroniOf } from "./applyParameters.ts";
import { stateOf } from "./bootstrap.ts";
import { query } from "./memberSettings.ts";
import { NOT_LOADED, type PendingRestart } from "./parametersInForce.ts";

/** Thrown where members were fit before they got new values, and are not with them. The values are taken back. */
export class UnfitError extends Error {
  override readonly name = "UnfitError";

  /**
   * @param fault      such as `postgres-2: starting`
   * @param takenBack  a sentence
   */
  constructor(values: Readonly<Record<string, string>>, fault: string, takenBack: string) {
    super(
      `A member does not work with ${inWords(values)} (${fault}). ${takenBack} ` +
        `Set ${keysOf(values)} to another value or take it out, and run the update again.`,
    );
  }
}

/** A new cluster gets all its values at once: nobody reads them all. */
const NAMED_AT_MOST = 8;

function inWords(values: Readonly<Record<string, string>>): string {
  const settings = Object.entries(values).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  return settings.length > NAMED_AT_MOST ? `${settings.length} new values` : settings.join(", ");
}

function keysOf(values: Readonly<Record<string, string>>): string {
  const keys = Object.keys(values).map((name) => `acgs-db:postgres.parameters.${name}`);
  return keys.length > NAMED_AT_MOST ? "what is new in acgs-db:postgres.parameters" : keys.join(", ");
}

/** For so long members have to be fit without a break: Patroni tells of a fault one or two of its rounds (1 s) later. */
const WATCHED_MS = 4_000;
/** A member that has faults for longer is not fit, also where they come and go. */
const FAULTY_AT_MOST_MS = 6_000;
const POLL_MS = 200;
/** A member that takes longer is not fit. */
const ANSWER_WITHIN_MS = 2_000;
/** What was taken back is in force after a round of Patroni's; a server that did not start is started again. */
const FIT_AGAIN_WITHIN_MS = 60_000;

/** The members that are fit now. */
export async function fitMembers(inputs: ParametersInputs): Promise<string[]> {
  const members = Object.keys(inputs.members);
  const faults = await Promise.all(members.map((member) => faultOf(member, inputs)));
  return members.filter((_, i) => faults[i] === undefined);
}

/** Watches members until each has been fit for four seconds. Says what is wrong with those that do not become so. */
export async function lastingFaults(
  members: readonly string[],
  inputs: ParametersInputs,
): Promise<string | undefined> {
  const faults = await Promise.all(members.map((member) => lastingFault(member, inputs)));
  const unfit = members.flatMap((member, i) => (faults[i] === undefined ? [] : [`${member}: ${faults[i]}`]));
  return unfit.join("; ") || undefined;
}

/** @throws TimedOut where they do not become so */
export async function untilFit(members: readonly string[], inputs: ParametersInputs): Promise<void> {
  const look = async () => {
    const fit = await fitMembers(inputs);
    const others = members.filter((member) => !fit.includes(member));
    return nothingMissing(others.length > 0 ? others.join(", ") : undefined);
  };
  await waitFor(look, {
    within: FIT_AGAIN_WITHIN_MS,
    every: POLL_MS,
    what: "members that had new parameters to work again with the former ones",
    remedy: "See `docker logs` of the members.",
  });
}

/**
 * Restarts members for values that wait for it. Where one does not come back, the former values are back in the
 * cluster's configuration, and it starts with them.
 *
 * @throws UnfitError that names the values
 * @throws what `restart` does, where all members work
 */
export async function restartOrTakeBack(
  inputs: ParametersInputs,
  waiting: readonly PendingRestart[],
  restart: () => Promise<void>,
): Promise<void> {
  const fit = await fitMembers(inputs);
  try {
    await restart();
  } catch (error) {
    const fault = await lastingFaults(fit, inputs);
    if (fault === undefined) throw error;
    const former = Object.fromEntries(
      waiting.map(({ parameter, current }) => [parameter, current === NOT_LOADED ? null : current]),
    );
    await patroniOf(inputs).patch({ postgresql: { parameters: former } });
    await untilFit(fit, inputs);
    throw new UnfitError(
      Object.fromEntries(waiting.map(({ parameter, wanted }) => [parameter, wanted])),
      `${fault}; ${messageOf(error)}`,
      "The former values are in the cluster's configuration again.",
    );
  }
}

async function lastingFault(member: string, inputs: ParametersInputs): Promise<string | undefined> {
  const begun = performance.now();
  let fitSince = begun;
  while (performance.now() - fitSince < WATCHED_MS) {
    const fault = await faultOf(member, inputs);
    if (fault !== undefined) {
      fitSince = performance.now();
      if (fitSince - begun > FAULTY_AT_MOST_MS) return fault;
    }
    await pause(POLL_MS);
  }
  return undefined;
}

/** A fit member is the primary or streams from it, Patroni reads it, and it lets somebody in. */
async function faultOf(member: string, inputs: ParametersInputs): Promise<string | undefined> {
  const state = await stateOf(patroniOf(inputs, { answerWithinMs: ANSWER_WITHIN_MS }), member);
  if (state !== "primary" && state !== "streaming") return state;
  return query(inputs.members[member]!, "SELECT 1", ANSWER_WITHIN_MS).then(() => undefined, messageOf);
}
