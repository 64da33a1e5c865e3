import { say } from "../lib/progress.ts";
import { manualRestart } from "../operations/switchover/manualSwitchover.ts";
import { alone, openMembers } from "./clusterMembers.ts";
import { define } from "./command.ts";
import { EXIT } from "./exitStatus.ts";

export const restart = define<{ stack: string }>({
  name: "restart",
  group: "Act on a stack:",
  purpose:
    "Restarts, one after the other, the PostgreSQL members that have parameters waiting for a restart.",
  stack: true,
  example: "restart prod",
  async run({ stack }) {
    const { context, members } = await openMembers(stack);
    const waited = await alone(context, () => manualRestart(members, (step) => say(`› ${step}`)));
    if (waited.length === 0) {
      say("✓ no parameter waits for a restart: nothing was restarted");
      return EXIT.ok;
    }
    const values = [...new Set(waited.map(({ parameter, wanted }) => `${parameter} = ${wanted}`))];
    say(`✓ in force on every member: ${values.join(", ")}`);
    say(`  The outputs follow with the next refresh: npm run up -- ${stack} --refresh`);
    return EXIT.ok;
  },
});
