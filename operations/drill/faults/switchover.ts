import { membersAccess, manualSwitchover } from "../../switchover/manualSwitchover.ts";
import { duration } from "../../../lib/text/words.ts";
import { DrillError } from "../error.ts";
import type { Fault } from "./fault.ts";
import { needsReplica } from "./leader.ts";

/** How long clients are watched after it. In ms. */
const WATCHED = 10_000;

export const switchover: Fault = {
  name: "switchover",
  what: "Another member is put in the primary's place, as by npm run switchover: PgBouncer's clients wait meanwhile.",
  impossible: needsReplica,
  async begin({ stack }) {
    const members = membersAccess(stack.deployment);
    if (!members) throw new DrillError(`The state of stack ${stack.name} holds no PostgreSQL members.`);
    const { from, to, waitedMs } = await manualSwitchover(members);
    return `switched over from ${from} to ${to}; PgBouncer held its clients for ${duration(waitedMs / 1000)}`;
  },
  lasts: WATCHED,
};
