import { Option } from "commander";
import { UserError } from "../lib/errors.ts";
import { projectDir } from "../lib/paths.ts";
import { capture } from "../lib/process.ts";
import { fillStack, summary } from "../operations/seed/fillStack.ts";
import { protectedNames } from "../lib/pulumi/deployment.ts";
import { readState } from "../lib/pulumi/state.ts";
import { outputsOf } from "../operations/stackOutputs.ts";
import { define, valueOption, wholeNumber } from "./command.ts";
import { type ExistingStack, openExisting } from "./existingStack.ts";
import { EXIT } from "./exitStatus.ts";
import { print } from "./output.ts";

export interface SeedArguments {
  stack: string;
  rows: number;
  seed?: number;
  months?: number;
  until?: Date;
  tables?: string[];
  intoProtected?: boolean;
}

export const seedData = define<SeedArguments>({
  name: "seed-data",
  group: "Act on a stack:",
  purpose: "Fills the tables of a stack with generated rows.",
  stack: true,
  options: [
    valueOption("--rows <number>", "how many rows, over all tables", wholeNumber(0)).makeOptionMandatory(),
    valueOption("--seed <number>", "the same seed makes the same rows", wholeNumber(0)),
    valueOption("--months <number>", "over how many months the rows are spread", wholeNumber(1)),
    valueOption("--until <time>", "the time of the newest row", moment),
    valueOption("--tables <a,b>", "these tables alone, such as auth.users,pgc.policy_decisions", (names) =>
      names.split(",").map((name) => name.trim()),
    ),
    new Option("--into-protected", "also into a stack whose data is protected"),
  ],
  example: "seed-data --rows 1_000_000",
  async run({ stack, ...asked }) {
    const existing = await openExisting(stack);
    if (!asked.intoProtected) await refuseProtected(existing);
    const report = await fillStack(await outputsOf(existing.tool, existing.context), asked);
    if (report.tables.length > 0) print(`${summary(report)}\n`);
    return EXIT.ok;
  },
});

function moment(value: string, flag: string): Date {
  const date = new Date(value);
  if (!Number.isNaN(date.getTime())) return date;
  throw new UserError(`${flag} wants a time such as 2026-11-30T12:00:00Z, not ${JSON.stringify(value)}.`);
}

/**
 * Nobody fills production by mistake: neither where data volumes are protected now, nor where the configuration wants it.
 * @throws UserError
 */
async function refuseProtected({ tool, context }: ExistingStack): Promise<void> {
  const { stack, env } = context;
  const asked = ["config", "--json", "--stack", stack];
  const configured = await capture(tool.command, asked, { cwd: projectDir, env });
  if (configured.status !== 0)
    throw new UserError(`The configuration of stack ${stack} cannot be read.\n${configured.stderr.trim()}`);
  const isProtected = protectedNames(await readState(tool, context)).length > 0;
  if (!isProtected && !wantsProtection(configured.stdout)) return;
  throw new UserError(
    `Stack ${stack} holds protected data (acgs-db:dataVolumes), so no generated rows go into it. ` +
      `Where they really shall, say so: --into-protected. They are hard to take out again: audit trails keep theirs.`,
  );
}

/** Whether data volumes are protected, from `pulumi config --json`: they are, unless it is switched off. */
export function wantsProtection(configured: string): boolean {
  const values = JSON.parse(configured) as Record<
    string,
    { value?: string; objectValue?: { protect?: boolean } }
  >;
  const found = values["acgs-db:dataVolumes"];
  const volumes = found?.objectValue ?? (JSON.parse(found?.value ?? "{}") as { protect?: boolean });
  return volumes.protect !== false;
}
