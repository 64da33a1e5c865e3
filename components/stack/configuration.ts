import type { z } from "zod";
import { crossChecks } from "./checks.ts";
import {
  ConfigurationError,
  configRemove,
  configSet,
  configSetSecret,
  type ConfigIssue,
  keyOf,
  shown,
} from "./configIssue.ts";
import { nearest } from "../../lib/text/nearest.ts";
import { resolveParameters } from "../postgres/resolveParameters.ts";
import { passwordFaults } from "./passwords.ts";
import { type ConfigurationValues, configurationSchema } from "./schema.ts";
import { fittingPrefix } from "./schemaParts.ts";
import { exampleAt, notesAt } from "./schemaWalk.ts";
import type { Check, ExtraCheck, StackConfiguration } from "./stackConfiguration.ts";

const EVERYTHING = "";

/**
 * Checks a stack's configuration and fills its defaults.
 *
 * @param raw      the values by key without the namespace, as the operator wrote them
 * @param stack    the stack's name, which gives the default prefix `acgs-<stack>`
 * @param extra    rules of other parts
 * @param secrets  keys at the top whose values are never shown; `passwords` and `certificateAuthority` always are
 * @throws ConfigurationError with every fault at once
 */
export function parseConfiguration(
  raw: unknown,
  stack: string,
  extra: readonly ExtraCheck[] = [],
  secrets: ReadonlySet<string> = new Set(),
): StackConfiguration {
  const hidden = new Set([...secrets, "passwords", "certificateAuthority"]);
  const given = structuredClone(raw ?? {});
  const result = configurationSchema.safeParse(given);
  const faults = result.success ? [] : faultsOf(result.error.issues, given, hidden, stack);

  // What is sound goes on to the cross-checks, with defaults in place of what is not.
  const broken = result.success ? [] : result.error.issues.flatMap(pathsOf);
  const values = result.success ? result.data : soundPart(given, broken);
  // The authority is a secret, and stays out.
  const { passwords, certificateAuthority, ...rest } = values;
  faults.push(...passwordFaults(passwords));

  const parameters = resolveParameters(rest.postgres, rest.environment);
  const configuration: StackConfiguration = {
    ...rest,
    prefix: values.prefix ?? `acgs-${stack}`,
    ownPasswords: Object.keys(passwords).sort(),
    parameters: parameters.values,
    warnings: parameters.warnings,
  };
  const checks: Check[] = [
    ...crossChecks,
    { reads: ["postgres.parameters"], faults: () => parameters.faults },
    { reads: ["postgres.parameters", "environment"], faults: () => parameters.dangerFaults },
    { reads: ["postgres"], faults: () => parameters.sizingFaults },
    ...extra.map(asCheck),
  ];
  const brokenKeys = broken.map((path) => keyOf(path).slice(keyOf([]).length));
  for (const check of checks) {
    if (!check.reads.some((read) => brokenKeys.some((key) => overlaps(read, key)))) {
      faults.push(...check.faults(configuration).map(redacted(hidden)));
    }
  }
  if (faults.length > 0) throw new ConfigurationError(stack, faults);
  return configuration;
}

function asCheck(check: ExtraCheck): Check {
  return typeof check === "function" ? { reads: [EVERYTHING], faults: check } : check;
}

/** Whether one of two keys is the other, or holds it. */
function overlaps(one: string, other: string): boolean {
  return [one, other].includes(EVERYTHING) || holds(one, other) || holds(other, one);
}

function holds(outer: string, inner: string): boolean {
  return inner === outer || (inner.startsWith(outer) && /^[.[]/.test(inner.slice(outer.length)));
}

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/** Where an issue lies: an unknown key is named by the issue, not by its path. */
function pathsOf(issue: Issue): Path[] {
  return issue.code === "unrecognized_keys" ? issue.keys.map((name) => [...issue.path, name]) : [issue.path];
}

function faultsOf(
  issues: readonly Issue[],
  given: unknown,
  hidden: ReadonlySet<string>,
  stack: string,
): ConfigIssue[] {
  return issues.flatMap((issue) =>
    pathsOf(issue).map((path) => {
      const secret = hidden.has(String(path[0]));
      const value = valueAt(given, path);
      if (issue.code === "unrecognized_keys") return unknownKey(path, value, secret);
      if (secret && value === undefined) return missingSecret(path);
      // An example would be another stack's prefix.
      const example = path[0] === "prefix" ? fittingPrefix(`acgs-${stack}`) : exampleAt(path);
      return wrongValue(path, secret ? SECRET : shown(value), issue, example);
    }),
  );
}

function unknownKey(path: Path, value: unknown, secret: boolean): ConfigIssue {
  const { keys } = notesAt(path.slice(0, -1));
  const meant = nearest(String(path.at(-1)), keys);
  const remedies = [configRemove(path)];
  if (meant !== undefined) {
    const right = [...path.slice(0, -1), meant];
    remedies.unshift(`did you mean \`${meant}\`? Then:`);
    remedies.push(secret ? configSetSecret(right) : configSet(right, value));
  }
  return {
    key: keyOf(path),
    value: `an unknown key with the value ${secret ? SECRET : shown(value)}`,
    allowed: keys.join(", "),
    remedy: remedies.join("\n"),
  };
}

function wrongValue(path: Path, value: string, issue: Issue, example: unknown): ConfigIssue {
  const { notes, keys } = notesAt(path);
  return {
    key: keyOf(path),
    value,
    allowed: notes?.allowed ?? (keys.length > 0 ? `a mapping with ${keys.join(", ")}` : issue.message),
    remedy: example === undefined ? configRemove(path) : configSet(path, example),
  };
}

/** A mapping of secrets lacks a part. */
function missingSecret(path: Path): ConfigIssue {
  return {
    key: keyOf(path),
    value: "nothing",
    allowed: notesAt(path.slice(0, -1)).notes?.allowed ?? "a value",
    remedy: `${configSetSecret(path)}\nor ${configRemove(path.slice(0, -1))}`,
  };
}

const SECRET = "a secret, not shown here";

/** Takes what may show the value out of a check's fault, where the operator keeps its key secret. */
function redacted(hidden: ReadonlySet<string>) {
  const prefixes = [...hidden].map((name) => keyOf([name]));
  return (fault: ConfigIssue): ConfigIssue =>
    prefixes.some((prefix) => holds(prefix, fault.key))
      ? { ...fault, value: SECRET, remedy: "set it to what is allowed" }
      : fault;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (at, segment) => (typeof at === "object" && at !== null ? Reflect.get(at, segment) : undefined),
    value,
  );
}

/**
 * What is sound of a configuration, with defaults in place of what is not. Where a mapping lacks a key that has no
 * default, the mapping goes as a whole.
 */
function soundPart(given: unknown, broken: readonly Path[]): ConfigurationValues {
  const rest = without(given, broken);
  const again = configurationSchema.safeParse(rest);
  if (again.success) return again.data;
  const holders = again.error.issues.flatMap(pathsOf).map((path) => path.slice(0, -1));
  return soundPart(rest, holders);
}

/** A copy without the values at the paths; a list with a bad entry goes as a whole. */
function without(given: unknown, paths: readonly Path[]): unknown {
  const copy: unknown = structuredClone(given);
  for (const path of paths) {
    const list = path.findIndex((segment) => typeof segment === "number");
    const target = list === -1 ? path : path.slice(0, list);
    if (target.length === 0) return {};
    const holder = valueAt(copy, target.slice(0, -1));
    if (typeof holder === "object" && holder !== null) Reflect.deleteProperty(holder, target.at(-1) ?? "");
  }
  return copy;
}
