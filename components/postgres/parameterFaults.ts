import { configRemove, configSet, type ConfigIssue, keyOf, shown } from "../stack/configIssue.ts";
import { nearest } from "../../lib/text/nearest.ts";
import { CATALOGUE, type CatalogueEntry, parameter, PRELOADED_LIBRARIES } from "./catalogue.ts";
import { lossBy } from "./parameterDecisions.ts";
import { readValue } from "./parameterValues.ts";

export type OperatorParameters = Readonly<Record<string, string | number | boolean>>;

/** Libraries of the image that may be preloaded. Any other keeps the server from starting. */
export const LOADABLE = [...PRELOADED_LIBRARIES, "auth_delay", "passwordcheck", "pg_prewarm"];

/** With one that is not there nobody could log in any more. Those for everybody's use lie in a folder that is empty. */
const LOADABLE_IN_SESSIONS: Readonly<Record<string, readonly string[]>> = {
  session_preload_libraries: LOADABLE,
  local_preload_libraries: [],
};

/** A configuration key's path within the stack's configuration. */
export function parameterPath(name: string): string[] {
  return ["postgres", "parameters", name];
}

/** The path of a parameter in the spelling that the operator gave it. */
export function pathAsGiven(operator: OperatorParameters, name: string): string[] {
  const given = Object.keys(operator).find((one) => one.toLowerCase() === name.toLowerCase());
  return parameterPath(given ?? name);
}

/** A value that PostgreSQL takes, and by which data, secrets or the audit log are lost. */
export interface DangerousValue {
  /** As the operator spelt it. */
  name: string;
  given: string | number | boolean;
  /** A sentence without its end. */
  loses: string;
}

/**
 * Checks an operator's own parameters against the catalogue.
 *
 * @returns the sound ones as PostgreSQL spells and shows them (`Work_Mem: "8192kB"` is `work_mem: "8MB"`), and a
 * fault for each other: an unknown name, a value out of range or of the wrong unit, a parameter that is not the
 * operator's to set, the same one twice. Dangerous ones are sound, and named.
 */
export function validateParameters(operator: OperatorParameters): {
  values: Record<string, string>;
  faults: ConfigIssue[];
  dangers: DangerousValue[];
} {
  const values: Record<string, string> = {};
  const faults: ConfigIssue[] = [];
  const dangers: DangerousValue[] = [];
  for (const [name, given] of Object.entries(operator)) {
    const entry = parameter(name);
    const fault = entry === undefined ? unknown(name, given) : faultOf(name, given, entry, values);
    if (fault !== undefined) faults.push(fault);
    else if (entry !== undefined) {
      const reading = readValue(entry, given);
      if (!("value" in reading)) continue;
      values[entry.name] = reading.value;
      const loses = lossBy(entry.name, reading.value);
      if (loses !== undefined) dangers.push({ name, given, loses });
    }
  }
  return { values, faults, dangers };
}

/** Why production does not take a dangerous value. */
export function dangerFault({ name, given, loses }: DangerousValue): ConfigIssue {
  const path = parameterPath(name);
  return {
    key: keyOf(path),
    value: shown(given),
    allowed: `in production, nothing as dangerous as that: ${loses}`,
    remedy:
      `${configRemove(path)}\n` +
      `or, for a stack whose loss matters to nobody, ${configSet(["environment"], "development")}`,
  };
}

/** What development is told of one. The value is left out: it may be kept secret. */
export function dangerWarning({ name, loses }: DangerousValue): string {
  return `${keyOf(parameterPath(name))} is dangerous, and refused in production: ${loses}.`;
}

function faultOf(
  name: string,
  given: string | number | boolean,
  entry: CatalogueEntry,
  known: Record<string, string>,
): ConfigIssue | undefined {
  const path = parameterPath(name);
  const fault = (allowed: string, remedy: string) => ({
    key: keyOf(path),
    value: shown(given),
    allowed,
    remedy,
  });
  const remove = configRemove(path);
  if (entry.owner !== undefined) {
    return fault(`nothing: it is ${entry.owner.who}'s to set`, `${entry.owner.remedy}\n${remove}`);
  }
  if (entry.name in known) return fault(`each parameter once: ${entry.name} is given twice`, remove);

  const reading = readValue(entry, given);
  if ("allowed" in reading) return fault(reading.allowed, `set an allowed value, or\n${remove}`);
  if (entry.name === "shared_preload_libraries") return libraryFault(reading.value, fault);
  const loadable = LOADABLE_IN_SESSIONS[entry.name];
  return loadable && unloadable(reading.value, loadable).length > 0
    ? fault(
        loadable.length > 0 ? `a list of ${loadable.join(", ")}` : "nothing: the image has no such library",
        remove,
      )
    : undefined;
}

function unknown(name: string, given: string | number | boolean): ConfigIssue {
  const candidate = nearest(
    name,
    [...CATALOGUE.values()].filter((entry) => !entry.owner).map((e) => e.name),
  );
  const path = parameterPath(name);
  return {
    key: keyOf(path),
    value: shown(given),
    allowed: `a parameter of PostgreSQL 15, ${PRELOADED_LIBRARIES.slice(0, -1).join(", ")} or ${PRELOADED_LIBRARIES.at(-1)}`,
    remedy:
      candidate === undefined
        ? configRemove(path)
        : `${configSet(parameterPath(candidate), given)}\nthen ${configRemove(path)}`,
  };
}

/** The stack's own libraries have to stay, and a server with a library that is not there does not start. */
function libraryFault(
  value: string,
  fault: (allowed: string, remedy: string) => ConfigIssue,
): ConfigIssue | undefined {
  const names = librariesOf(value);
  const missing = PRELOADED_LIBRARIES.filter((library) => !names.includes(library));
  const unknown = unloadable(value, LOADABLE);
  if (missing.length === 0 && unknown.length === 0) return undefined;
  const wanted = [...PRELOADED_LIBRARIES, ...names.filter((name) => LOADABLE.includes(name))];
  return fault(
    `a list that holds ${PRELOADED_LIBRARIES.join(", ")}, and of others only ${LOADABLE.slice(PRELOADED_LIBRARIES.length).join(", ")}`,
    configSet(parameterPath("shared_preload_libraries"), [...new Set(wanted)].join(",")),
  );
}

function unloadable(value: string, loadable: readonly string[]): string[] {
  return librariesOf(value).filter((library) => !loadable.includes(library));
}

function librariesOf(value: string): string[] {
  return value.trim() === "" ? [] : value.split(",").map((library) => library.trim());
}
