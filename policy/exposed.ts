import { TYPE } from "../lib/pulumi/types.ts";
import type { Resource } from "./rule.ts";
import { list, mapping, text, texts } from "./values.ts";

/** A word that everybody sees who may ask the engine (`docker inspect`) or list a host's processes. */
export interface ExposedWord {
  /** Where it stands, such as `environment variable PGPASSWORD`. Never holds the value. */
  readonly where: string;
  /** What it is called there; empty for a word without a name. */
  readonly name: string;
  readonly value: string;
}

/** The types whose inputs others see. */
export const EXPOSED_TYPES: readonly string[] = [TYPE.container, TYPE.network, TYPE.volume, TYPE.image];

/** What others see of a container, a network, a volume or an image. Files handed to a container are not among it. */
export function exposedWords(resource: Resource): ExposedWord[] {
  if (!EXPOSED_TYPES.includes(resource.type)) return [];
  const { args } = resource;
  const build = mapping(args["build"]);
  return [
    ...texts(args["envs"]).map((line) => assignment("environment variable", line)),
    ...[args, build].flatMap((holder) => labels(holder["labels"])),
    ...["command", "entrypoints"].flatMap((key) => commandWords(key, texts(args[key]))),
    ...commandWords("health check", texts(mapping(args["healthcheck"])["tests"])),
    ...["logOpts", "driverOpts", "sysctls"].flatMap((key) => entries(key, args[key])),
    ...["buildArgs", "buildArg"].flatMap((key) => entries("build argument", build[key])),
  ];
}

/** A mapping's texts. */
function entries(what: string, value: unknown): ExposedWord[] {
  return Object.entries(mapping(value)).flatMap(([name, one]) =>
    typeof one === "string" ? [{ where: `${what} ${name}`, name, value: one }] : [],
  );
}

/** A container's labels are a list of `{ label, value }`, an image's a mapping. */
function labels(value: unknown): ExposedWord[] {
  const listed = list(value).map(mapping);
  return [
    ...entries("label", value),
    ...listed.map(({ label, value: one }) => {
      const name = text(label) ?? "";
      return { where: `label ${name}`, name, value: text(one) ?? "" };
    }),
  ];
}

/** `NAME=value`. */
function assignment(what: string, line: string): ExposedWord {
  const at = line.indexOf("=");
  const name = at === -1 ? line : line.slice(0, at);
  return { where: `${what} ${name}`, name, value: at === -1 ? "" : line.slice(at + 1) };
}

/** A command's words; one after a flag is the flag's value. */
function commandWords(what: string, words: readonly string[]): ExposedWord[] {
  return words.map((word, i) => {
    const [, flag, value] = /^-*([A-Za-z][\w.-]*)=(.*)$/s.exec(word) ?? [];
    if (flag !== undefined) return { where: `${what}, ${flag}`, name: flag, value: value ?? "" };
    const before = /^--?([A-Za-z][\w.-]*)$/.exec(words[i - 1] ?? "")?.[1];
    const name = before !== undefined && !word.startsWith("-") ? before : "";
    return { where: name === "" ? `${what}, word ${i + 1}` : `${what}, ${name}`, name, value: word };
  });
}
