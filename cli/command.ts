import { Command as Parser, CommanderError, Option } from "commander";
import { UserError } from "../lib/errors.ts";
import { DEFAULT_STACK } from "../lib/pulumi/arguments.ts";
import { print } from "./output.ts";

/** Names that Pulumi accepts for a stack, also with organization and project before it. */
const STACK_NAME = /^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+){0,2}$/;

export type Group =
  "Bring up and take down:" | "Connect:" | "Look at a stack:" | "Act on a stack:" | "Work on this project:";

/** What is particular to one command. `Asked` is what its arguments come to. */
export interface Definition<Asked> {
  name: string;
  group: Group;
  purpose: string;
  /** The words after the command's name, as the usage shows them. */
  words?: string;
  /** More on the words, for the help. */
  wordsHelp?: string;
  /** It acts on a stack: the word that is left over, or `--stack`; `dev` without either. */
  stack?: boolean;
  options?: Option[];
  /** The program whose flags it passes on. */
  passesFlagsTo?: string;
  /** This program gets everything, `--help` and `--stack` too. */
  passesAll?: boolean;
  example: string;
  /** What the words mean, with the flags that are passed on. Without it, they name the stack. @throws UserError */
  read?: (words: string[]) => Partial<Asked> & { stacks?: string[] };
  run: (asked: Asked) => Promise<number>;
}

export interface Command<Asked = unknown> {
  name: string;
  /** For the list of all commands, and for the help. */
  parser: () => Parser;
  /** @throws UserError that says how the command is written; CommanderError after the help was shown */
  parse: (args: readonly string[]) => Asked;
  run: (args: readonly string[]) => Promise<number>;
}

/** Makes a command of its definition: all commands read their arguments in the one way that is written here. */
export function define<Asked>(definition: Definition<Asked>): Command<Asked> {
  const parser = () => buildParser(definition);
  const parse = (args: readonly string[]) => parseWith(parser(), definition, args);
  return { name: definition.name, parser, parse, run: async (args) => definition.run(parse(args)) };
}

/** `--json[=FILE]`. A word after `--json` is its file when it ends in `.json` or is `-`; any other word is not. */
export const jsonOption = () =>
  new Option(
    "--json [file]",
    "write JSON to stdout, or to a file: --json=FILE, or a next word that ends in .json",
  );

const stackOption = () =>
  valueOption(
    "-s, --stack <name>",
    `the stack, like the word [stack] (default: ${DEFAULT_STACK})`,
    (name) => name,
  );

/** An option with a value, which is never mistaken for the next flag. @param read  throws UserError for a wrong one */
export function valueOption<T>(
  flags: string,
  meaning: string,
  read: (value: string, flag: string) => T,
): Option {
  const option = new Option(flags, meaning);
  return option.argParser((value: string, earlier: unknown) => {
    if (earlier !== undefined && earlier !== option.defaultValue)
      throw new UserError(`${option.long} is given twice.`);
    if (/^(-.|$)/.test(value)) throw new UserError(`${option.long} needs a value: ${option.flags}.`);
    return read(value, option.long!);
  });
}

/** Reads a whole number; 1_000_000 and 1e6 are both what people write. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER) {
  return (value: string, flag: string): number => {
    const number = Number(value.replaceAll("_", ""));
    if (Number.isSafeInteger(number) && number >= least && number <= most) return number;
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
    throw new UserError(`${flag} wants a whole number ${range}, not ${JSON.stringify(value)}.`);
  };
}

/** Reads one of some words. */
export function oneOf<T extends string>(...allowed: T[]) {
  return (value: string, flag: string): T => {
    const found = allowed.find((one) => one === value);
    if (found !== undefined) return found;
    throw new UserError(`${flag} takes ${allowed.join(" or ")}, not ${JSON.stringify(value)}.`);
  };
}

function buildParser<Asked>(definition: Definition<Asked>): Parser {
  const parser = new Parser(definition.name)
    .description(definition.purpose)
    .helpGroup(definition.group)
    .helpOption("-h, --help", "show this")
    .allowExcessArguments(Boolean(definition.stack || definition.read))
    .allowUnknownOption(definition.passesFlagsTo !== undefined)
    .configureHelp({ commandUsage: (command) => `./acgs ${command.name()} ${command.usage()}`.trimEnd() })
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => undefined });
  const options = [...(definition.options ?? []), ...(definition.stack ? [stackOption()] : [])];
  for (const option of options) parser.addOption(option);
  const words = definition.words ?? (definition.stack ? "[stack]" : "");
  const flags = options.map((one) => (one.mandatory ? one.flags : `[${one.flags}]`));
  const passed = definition.passesFlagsTo ? [`[flags of ${definition.passesFlagsTo}]`] : [];
  parser.usage([words, ...flags, ...passed].filter(Boolean).join(" ") || " ");
  if (definition.wordsHelp) parser.addHelpText("after", `\n${definition.wordsHelp}`);
  return parser.addHelpText("after", `\nExample:\n  ./acgs ${definition.example}`);
}

function parseWith<Asked>(parser: Parser, definition: Definition<Asked>, args: readonly string[]): Asked {
  try {
    const words = definition.passesAll
      ? [...args]
      : parser.parse(foldJson(parser, args), { from: "user" }).args;
    const { stacks = [], ...read } = definition.read?.(words) ?? { stacks: words };
    const { stack, ...options } = parser.opts<{ stack?: string }>();
    const named = [...stacks, ...(stack === undefined ? [] : [stack])];
    return { ...options, ...read, ...(definition.stack && { stack: oneStack(named) }) } as Asked;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) throw error;
    if (!(error instanceof CommanderError || error instanceof UserError)) throw error;
    const message = error.message
      .replace(/^error: /, "")
      .replace(/^unknown option '(.*)'/, `${definition.name} does not take $1.`)
      .replace(/^option '.*?(--\S+) ?(.*)' argument missing$/, "$1 needs a value: $1 $2.")
      .replace(/\(Did you mean (.*)\?\)/, "Did you mean $1?")
      .replace(/^required option '.*?(--\S+) .*$/, "$1 is missing.");
    throw new UserError(`${message}\nWrite: ./acgs ${definition.name} ${parser.usage()}`.trimEnd(), {
      cause: error,
    });
  }
}

function foldJson(parser: Parser, args: readonly string[]): string[] {
  if (!parser.options.some(({ long }) => long === "--json")) return [...args];
  const isFile = (i: number) => args[i - 1] === "--json" && /^-$|\.json$/.test(args[i]!);
  return args.flatMap((arg, i) => {
    if (isFile(i)) return [];
    if (arg === "--json=") return ["--json=-"];
    if (arg !== "--json") return [arg];
    return [`--json=${i + 1 < args.length && isFile(i + 1) ? args[i + 1] : "-"}`];
  });
}

function oneStack(named: string[]): string {
  if (named.length > 1)
    throw new UserError(
      `One stack at a time: ${named.map((name) => JSON.stringify(name)).join(" and ")} were named.`,
    );
  const stack = named[0] ?? DEFAULT_STACK;
  if (STACK_NAME.test(stack)) return stack;
  throw new UserError(`${JSON.stringify(stack)} is not the name of a stack.`);
}
