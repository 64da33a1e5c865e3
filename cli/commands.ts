import { Command as Parser, CommanderError } from "commander";
import { UserError } from "../lib/errors.ts";
import { nearest } from "../lib/text/nearest.ts";
import { audit } from "./audit.ts";
import { bench } from "./bench.ts";
import type { Command } from "./command.ts";
import { connect } from "./connect.ts";
import { destroy } from "./destroy.ts";
import { docsSchema } from "./docsSchema.ts";
import { drift } from "./drift.ts";
import { drill } from "./drill.ts";
import { env } from "./env.ts";
import { EXIT } from "./exitStatus.ts";
import { lint } from "./lint.ts";
import { outputs } from "./outputs.ts";
import { print } from "./output.ts";
import { preview } from "./preview.ts";
import { privileges } from "./privileges.ts";
import { pulumi } from "./pulumi.ts";
import { report } from "./report.ts";
import { restart } from "./restart.ts";
import { sbom } from "./sbom.ts";
import { seedData } from "./seedData.ts";
import { switchover } from "./switchover.ts";
import { test } from "./test.ts";
import { up } from "./up.ts";

/** All commands, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  ...[preview, up, destroy, outputs, pulumi],
  ...[connect, env],
  ...[report, drift, audit, sbom],
  ...[switchover, restart, drill, seedData],
  ...[test, lint, bench, docsSchema, privileges],
];

/** Runs `<command> [arguments]`. Returns the exit status. @throws UserError */
export async function runCommand([name, ...args]: readonly string[]): Promise<number> {
  if (name === "help" && args[0] !== undefined) return showHelp(findCommand(args[0]).parser(), EXIT.ok);
  if (name === undefined) return showHelp(allCommands(), EXIT.failed);
  if (["help", "-h", "--help"].includes(name)) return showHelp(allCommands(), EXIT.ok);
  try {
    return await findCommand(name).run(args);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok; // --help was shown
    throw error;
  }
}

function findCommand(name: string): Command {
  const names = COMMANDS.map((command) => command.name);
  const found = COMMANDS.find((command) => command.name === name);
  if (found) return found;
  const meant = nearest(name, names);
  const hint = meant === undefined ? "" : ` Did you mean ${meant}?`;
  throw new UserError(`There is no command ${JSON.stringify(name)}; there are ${names.join(", ")}.${hint}`);
}

function showHelp(parser: Parser, status: number): number {
  parser.outputHelp();
  return status;
}

function allCommands(): Parser {
  const all = new Parser("./acgs")
    .description("The data tier of ACGS-1: PostgreSQL, PgBouncer and Redis, by Pulumi.")
    .usage("<command> [stack] [flags]")
    .helpOption("-h, --help", "show this")
    .helpCommand("help [command]", "show a command's arguments, options and an example")
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .configureOutput({ writeOut: print })
    .addHelpText(
      "after",
      "\nThe stack is dev unless named. `npm run <command> -- [stack] [flags]` does the same.",
    );
  for (const { parser } of COMMANDS) all.addCommand(parser());
  return all;
}
