import { checkpoint } from "../../components/postgres/memberSettings.ts";
import { parametersOf } from "../../components/postgres/catalogue.ts";
import {
  type ParametersInputs,
  patroniOf,
  pendingOf,
  waitUntilApplied,
} from "../../components/postgres/applyParameters.ts";
import type { PendingRestart } from "../../components/postgres/parametersInForce.ts";
import { type Deployment, inputsOf } from "../../lib/pulumi/deployment.ts";
import { TYPE } from "../../lib/pulumi/types.ts";
import { restartPending } from "../../components/postgres/switchover/beforeParameters.ts";
import { type Switchover, switchOver } from "../../components/postgres/switchover/switchover.ts";

/**
 * What the commands by hand need of a stack: where the members are, and the passwords of internal accounts.
 *
 * @param deployment  from a state with secrets
 * @returns           undefined where the stack has no PostgreSQL yet
 */
export function membersAccess(deployment: Deployment): ParametersInputs | undefined {
  return inputsOf(deployment, TYPE.parameters);
}

/** Makes another member the primary; see {@link switchOver}. @param to  any fit one unless given */
export function manualSwitchover(inputs: ParametersInputs, to?: string): Promise<Switchover> {
  return switchOver({
    patroni: patroniOf(inputs),
    proxies: inputs.proxies,
    among: to === undefined ? Object.keys(inputs.members) : [to],
    checkpoint: (member) => checkpoint(inputs.members[member]!),
  });
}

/** Restarts what waits for it, one member after the other. Returns what had waited. */
export async function manualRestart(
  inputs: ParametersInputs,
  say: (step: string) => void,
): Promise<PendingRestart[]> {
  const wanted = { parameters: parametersOf(inputs), accessRules: inputs.accessRules, removed: [] };
  const waiting = pendingOf(await waitUntilApplied(inputs, wanted), wanted.parameters);
  if (waiting.length > 0) await restartPending(inputs, wanted, say);
  return waiting;
}
