import type * as pulumi from "@pulumi/pulumi";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import { type ContainerInfo, inspectContainer } from "../../lib/docker/containers.ts";
import { messageOf } from "../../lib/errors.ts";
import { NotYet, waitFor } from "../../lib/wait.ts";

interface Inputs {
  containers: ContainerAddress[];
  isPreview: boolean;
}

/** A health check is made every 5 s, and three that fail count; a member that has just become a replica gets in step. In ms. */
const WELL_WITHIN = 60_000;
const POLL = 500;
/** One that the engine has started again is well only after so long: a loop may pass a health check. In ms. */
const STAYS_UP_FOR = 15_000;

/**
 * Waits until all containers are well.
 *
 * @throws Error that names those that are not, where their last lines are, and the remedy
 * @throws DockerError where an engine does not tell
 */
export async function waitUntilWell(
  containers: readonly ContainerAddress[],
  within = WELL_WITHIN,
): Promise<void> {
  const look = async () => {
    const found = await Promise.all(containers.map(async (one) => illness(one, await inspectContainer(one))));
    const ill = found.filter((one) => one !== undefined);
    if (ill.length > 0) throw new NotYet(ill.join(""));
    return true as const;
  };
  const failure = (seen: string) =>
    new Error(
      `the update was made, but after ${within / 1000} s not every container is well:${seen}\n` +
        `Mend what these lines name, and run the update again. Until then the stack may lack redundancy.`,
    );
  await waitFor(look, { within, every: POLL, what: "all containers to be healthy", failure });
}

/** What is wrong with a container, in a line that starts with its break; undefined where it is well. */
function illness({ container }: ContainerAddress, info: ContainerInfo | undefined): string | undefined {
  if (info === undefined) return `\n  ${container} is gone.`;
  const state = stateOf(info);
  return state && `\n  ${container} ${state}. Its last lines: docker logs --tail 50 ${container}`;
}

function stateOf({ State, RestartCount }: ContainerInfo): string | undefined {
  const { Status, ExitCode, Health, StartedAt } = State;
  const isNew = RestartCount > 0 && Date.now() - Date.parse(StartedAt) < STAYS_UP_FOR;
  if (Status === "restarting" || isNew)
    return `ends again and again (started again ${RestartCount} times, last exit status ${ExitCode})`;
  if (Status !== "running") return `does not run (${Status}, exit status ${ExitCode})`;
  return Health && Health.Status !== "healthy" ? `is ${Health.Status}` : undefined;
}

/** Of its inputs nothing is kept: no update shows a change of it. */
export const provider: pulumi.dynamic.ResourceProvider<Inputs, object> = {
  async check(_olds, { containers, isPreview }) {
    const failures: pulumi.dynamic.CheckFailure[] = [];
    if (!isPreview)
      await waitUntilWell(containers).catch((error: unknown) =>
        // Without a property: the engine would put the containers before the reason.
        failures.push({ property: "", reason: messageOf(error) }),
      );
    return { inputs: {} as Inputs, failures };
  },
  async create() {
    return { id: "stack-health", outs: {} };
  },
};
