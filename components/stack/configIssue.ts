import { isStorableText } from "../../lib/text/storable.ts";
import { printableJson } from "../../lib/text/printableJson.ts";

/** The namespace of this project's configuration keys, as `Pulumi.yaml` names the project. */
export const NAMESPACE = "acgs-db";

/** One thing that is wrong with a stack's configuration, in words that an operator can act on. */
export interface ConfigIssue {
  /** The full key, such as `acgs-db:postgres.members`: see {@link keyOf}. */
  readonly key: string;
  /** What was given, as the reader should see it: see {@link shown}. Never a secret's value. */
  readonly value: string;
  /** Which values are allowed. May have several lines, such as a sum. */
  readonly allowed: string;
  /** The command or the YAML line that puts it right: see {@link configSet}. */
  readonly remedy: string;
}

/** Thrown before anything is created. Its message lists every fault of the stack's configuration. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly stackName: string;
  readonly faults: readonly ConfigIssue[];

  constructor(stack: string, faults: readonly ConfigIssue[]) {
    super(report(stack, faults));
    this.stackName = stack;
    this.faults = faults;
  }
}

/** A key as Pulumi writes it: `keyOf(["hosts", 0, "docker"])` is `acgs-db:hosts[0].docker`. */
export function keyOf(path: readonly PropertyKey[]): string {
  return `${NAMESPACE}:${path.map((segment, index) => written(segment, index === 0)).join("")}`;
}

/** A configuration value as it is shown in a fault: text in quotes, everything else as JSON. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const json = printableJson(value) ?? "something that is not data";
  return json.length <= 200 ? json : `${json.slice(0, 197)}...`;
}

/**
 * The command that sets one value; for a mapping, a list or text that a shell line cannot show, the lines of YAML for
 * the stack's file.
 * `--path` makes Pulumi take `3` and `true` as number and boolean, so text that looks like one is marked.
 */
export function configSet(path: readonly PropertyKey[], value: unknown): string {
  // No shell takes NUL, and other control characters would act on the terminal that shows the command.
  const isUnprintable = typeof value === "string" && (/\p{Cc}/u.test(value) || !isStorableText(value));
  if ((typeof value === "object" && value !== null) || isUnprintable) return yaml(path, value);
  const looksOther = typeof value === "string" && /^(true|false|-?\d+)$/.test(value);
  const type = looksOther ? "--type string " : "";
  const text = String(value);
  const end = text.startsWith("-") ? "-- " : "";
  return `pulumi config set --path ${type}${end}${quoted(keyOf(path))} ${quoted(text)}`;
}

/** The command that asks for a secret and sets it: the value stays out of the shell's history. */
export function configSetSecret(path: readonly PropertyKey[]): string {
  return `pulumi config set --path --secret ${quoted(keyOf(path))}`;
}

/** The command that takes one key out of the configuration, so that its default holds. */
export function configRemove(path: readonly PropertyKey[]): string {
  return `pulumi config rm --path ${quoted(keyOf(path))}`;
}

/** A word that YAML reads as text without quotes. */
const PLAIN_IN_YAML = /^"(?!(?:null|true|false|yes|no|on|off|y|n)")([a-z_]\w*)"$/i;

function yaml([first, ...rest]: readonly PropertyKey[], value: unknown): string {
  const names = [
    keyOf([first ?? ""]),
    ...rest.map((segment) => printableJson(segment)!.replace(PLAIN_IN_YAML, "$1")),
  ];
  const nested = names.map((name, depth) => `${"  ".repeat(depth)}${name}:`).join("\n");
  return `in the stack's file:\n${nested} ${printableJson(value)}`;
}

function report(stack: string, faults: readonly ConfigIssue[]): string {
  const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
  return [
    `The configuration of stack ${stack} has ${count}; nothing was created or changed.`,
    "",
    ...faults.flatMap((fault) => [
      `  ${fault.key}`,
      ...lines("got", fault.value),
      ...lines("allowed", fault.allowed),
      ...lines("remedy", fault.remedy),
      "",
    ]),
    `Add \`--stack ${stack}\` to the commands, or edit Pulumi.${stack}.yaml.`,
    "Where Pulumi is not on PATH, write `npm run pulumi --` in its place.",
  ].join("\n");
}

function lines(label: string, text: string): string[] {
  const indent = " ".repeat(13);
  return text
    .split("\n")
    .map((line, index) => (index === 0 ? `    ${`${label}:`.padEnd(9)}${line}` : `${indent}${line}`));
}

function written(segment: PropertyKey, first: boolean): string {
  if (typeof segment === "number") return `[${segment}]`;
  const name = String(segment);
  if (!/^[\w-]+$/.test(name)) return `[${printableJson(name)}]`;
  return first ? name : `.${name}`;
}

/** Quoted for a POSIX shell where that is needed. */
function quoted(text: string): string {
  return /^[\w.:/@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
