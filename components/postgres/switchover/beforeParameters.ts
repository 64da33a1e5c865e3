import { checkpoint } from "../memberSettings.ts";
import { restartOrTakeBack } from "../fitness.ts";
import { type ParametersInputs, patroniOf, pendingOf, waitUntilApplied } from "../applyParameters.ts";
import type { DesiredSettings } from "../parametersInForce.ts";
import { rollingRestart } from "./rollingRestart.ts";
import { switchOver } from "./switchover.ts";

/** The engine deletes members that leave at the end of the update: one of those that stay is the primary by then. */
export async function movePrimaryOffRemovedMembers(
  olds: ParametersInputs,
  news: ParametersInputs,
): Promise<void> {
  const leaving = Object.keys(olds.members).filter((member) => !(member in news.members));
  if (leaving.length === 0) return;
  const primary = await patroniOf(news).leader();
  if (primary === undefined || !leaving.includes(primary)) return;
  await switchOver({
    patroni: patroniOf({ ...news, members: { ...olds.members, ...news.members } }),
    proxies: news.proxies,
    among: Object.keys(news.members),
    checkpoint: (member) => checkpoint(olds.members[member]!),
  });
}

/**
 * Puts in force what waits for a restart, by a rolling one. Values with which a member does not come back are taken back:
 * it starts with the former ones, and no other member is restarted.
 *
 * @param wanted  what the members are to have
 * @param say     told of each step
 * @throws what {@link restartOrTakeBack} and {@link rollingRestart} do
 */
export async function restartPending(
  inputs: ParametersInputs,
  wanted: DesiredSettings,
  say?: (step: string) => void,
): Promise<void> {
  const pending = async () => pendingOf(await waitUntilApplied(inputs, wanted), wanted.parameters);
  const restart = () =>
    rollingRestart({
      patroni: patroniOf(inputs),
      proxies: inputs.proxies,
      members: Object.keys(inputs.members),
      pending,
      checkpoint: (member) => checkpoint(inputs.members[member]!),
      ...(say && { say }),
    });
  await restartOrTakeBack(inputs, await pending(), restart);
}
