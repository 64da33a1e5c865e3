import { SUPERUSER } from "../../../lib/names.ts";
import { sessionOnMember } from "../clients/openSession.ts";
import { inspectContainer, pauseContainer, unpauseContainer } from "../../../lib/docker/containers.ts";
import type { DrillStack } from "../stack.ts";
import { cutOff } from "./cutOff.ts";
import { type Fault, kill } from "./fault.ts";

/** Everything that can befall the PostgreSQL primary. */

const PID_FILE = "/var/lib/postgresql/data/pgdata/postmaster.pid";

export const postmasterKilled: Fault = {
  name: "postmaster-killed",
  what: "The primary's postmaster gets SIGKILL; Patroni lives on and deals with it.",
  async begin({ stack, leader }) {
    const script = 'kill -KILL "$(head -n 1 "$0")"';
    await stack.run(leader, ["bash", "-c", script, PID_FILE], { user: SUPERUSER });
    return `the postmaster of ${leader.container} killed`;
  },
};

export const leaderKilled: Fault = {
  name: "leader-killed",
  what: "The primary's container is killed, and started again once another member serves all clients.",
  impossible: needsReplica,
  begin: (ground) => kill(ground, [ground.leader]),
};

export const leaderStopped: Fault = {
  name: "leader-paused",
  what: "All processes of the primary's container are frozen, with a session open, and thawed once another member serves all clients.",
  impossible: needsReplica,
  clients: ({ leader }) => [sessionOnMember(leader)],
  async begin({ leader, undo }) {
    const { container } = leader;
    undo.add(`docker unpause ${container}`, async () => {
      if ((await inspectContainer(leader))?.State.Paused) await unpauseContainer(leader);
    });
    await pauseContainer(leader);
    return `${container} frozen`;
  },
};

export const leaderIsolated: Fault = {
  name: "leader-isolated",
  what: "The primary's network goes down, and up again once another member serves all clients; a session inside goes on writing.",
  impossible: needsReplica,
  clients: ({ leader }) => [sessionOnMember(leader)],
  async begin({ leader, undo }) {
    await cutOff(leader, undo);
    return `${leader.container} cut off from the network`;
  },
};

export function needsReplica({ shape }: DrillStack): string | undefined {
  return shape.members > 1 ? undefined : "the stack has one PostgreSQL member: nothing can take over";
}
