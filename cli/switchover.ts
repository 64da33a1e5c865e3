import { UserError } from "../lib/errors.ts";
import { say } from "../lib/progress.ts";
import { manualSwitchover } from "../operations/switchover/manualSwitchover.ts";
import { alone, openMembers } from "./clusterMembers.ts";
import { define, valueOption } from "./command.ts";
import { EXIT } from "./exitStatus.ts";

export const switchover = define<{ stack: string; to?: string }>({
  name: "switchover",
  group: "Act on a stack:",
  purpose: "Makes another PostgreSQL member the primary, while clients wait.",
  stack: true,
  options: [
    valueOption("--to <member>", "this member, such as postgres-2, in place of any fit one", (name) => name),
  ],
  example: "switchover prod --to postgres-2",
  async run({ stack, to }) {
    const { context, members } = await openMembers(stack);
    const names = Object.keys(members.members);
    if (to !== undefined && !names.includes(to))
      throw new UserError(`Stack ${stack} has no member ${to}; it has ${names.join(", ")}.`);
    const done = await alone(context, () => manualSwitchover(members, to));
    const waited = `${(done.waitedMs / 1000).toFixed(1)} s`;
    say(`✓ ${done.to} is the primary, ${done.from} follows it; clients waited ${waited}`);
    return EXIT.ok;
  },
});
