import type { CatalogueEntry } from "./catalogue.ts";
import { MEMORY, readNumber, showNumber, TIME, type Units, unitsOf } from "./parameterUnits.ts";

/** PostgreSQL puts a `?` in the place of every other character. */
const ASCII_ONLY: ReadonlySet<string> = new Set(["application_name", "cluster_name"]);

/** A value as PostgreSQL's `SHOW` prints it, or the reason why it takes none such. */
export type Reading = { value: string } | { allowed: string };

/**
 * Reads a value as PostgreSQL 15 does (guc.c: `parse_int`, `parse_real`, `parse_bool`, enums without regard to
 * case) and writes it the one way that `SHOW` has: `8192kB`, `8 MB` and a bare `8192` of `work_mem` are all
 * `8MB`. So two values can be compared as text. A string is passed on as it is.
 */
export function readValue(entry: CatalogueEntry, given: string | number | boolean): Reading {
  switch (entry.type) {
    case "bool":
      return readBoolean(entry, given);
    case "enum":
      return readEnum(entry, given);
    case "string":
      return readText(entry, String(given));
    default:
      return readQuantity(entry, given);
  }
}

/** The allowed values of a parameter, in words. */
export function allowedValues(entry: CatalogueEntry): string {
  switch (entry.type) {
    case "bool":
      return "on or off";
    case "enum":
      return (entry.values ?? []).join(", ");
    case "string":
      return ASCII_ONLY.has(entry.name) ? "text of one line in ASCII" : "text of one line";
    default: {
      const units = unitsOf(entry.unit);
      const number = entry.type === "integer" && units === undefined ? "a whole number" : "a number";
      const range = ` from ${showQuantity(entry, entry.min)} to ${showQuantity(entry, entry.max)}`;
      return `${number}${range}${units === undefined ? "" : `, with a unit (${unitNames(units)})`}`;
    }
  }
}

function readBoolean(entry: CatalogueEntry, given: string | number | boolean): Reading {
  const text = String(given).trim().toLowerCase();
  if (text === "1" || text === "on") return { value: "on" };
  if (text === "0" || text === "off" || text === "of") return { value: "off" };
  if (text !== "" && ["true", "yes"].some((word) => word.startsWith(text))) return { value: "on" };
  if (text !== "" && ["false", "no"].some((word) => word.startsWith(text))) return { value: "off" };
  return { allowed: allowedValues(entry) };
}

function readEnum(entry: CatalogueEntry, given: string | number | boolean): Reading {
  // YAML reads a bare off and on as booleans; for wal_compression and the like they are two words of several.
  const text = typeof given === "boolean" ? (given ? "on" : "off") : String(given).trim().toLowerCase();
  const value = entry.values?.find((candidate) => candidate.toLowerCase() === text);
  return value === undefined ? { allowed: allowedValues(entry) } : { value };
}

function readText(entry: CatalogueEntry, text: string): Reading {
  // A line break would end the value in postgresql.conf and start another setting.
  return /[\p{Cc}\p{Surrogate}\u2028\u2029]/u.test(text) ||
    (ASCII_ONLY.has(entry.name) && /[^\x20-\x7e]/.test(text))
    ? { allowed: allowedValues(entry) }
    : { value: text };
}

function readQuantity(entry: CatalogueEntry, given: string | number | boolean): Reading {
  if (typeof given === "boolean") return { allowed: allowedValues(entry) };
  const number = readNumber(String(given), entry);
  if (number === undefined || number < (entry.min ?? -Infinity) || number > (entry.max ?? Infinity)) {
    return { allowed: allowedValues(entry) };
  }
  return { value: showNumber(number, entry) };
}

function showQuantity(entry: CatalogueEntry, number: number | undefined): string {
  return number === undefined ? "any" : showNumber(number, entry);
}

function unitNames(units: Units): string {
  return units === MEMORY ? "B, kB, MB, GB, TB" : units === TIME ? "us, ms, s, min, h, d" : "";
}
