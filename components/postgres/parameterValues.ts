import { nearest } from "../../lib/text/nearest.ts";
import { type CatalogueEntry, IMAGE_NAMES } from "./catalogue.ts";
import {
  MEMORY,
  readBothNumbers,
  readNumber,
  showNumber,
  TIME,
  type Units,
  unitsOf,
} from "./parameterUnits.ts";

/** Whose WAL can be checked (rmgrlist.h: those with a mask). */
const RESOURCE_MANAGERS = "heap2 heap btree hash gin gist sequence spgist brin generic".split(" ");

/** Texts that mean something to the server. What it would cut, or read otherwise than it stands, is refused. */
const TEXTS: Readonly<Record<string, { form: RegExp; allowed: string }>> = {
  // PostgreSQL cuts it after 63 bytes, and puts a `?` in the place of every other character.
  application_name: { form: /^[ -~]{0,63}$/, allowed: "text of one line in ASCII, of at most 63 characters" },
  backtrace_functions: {
    form: /^[\w, ]*$/,
    allowed: "names of the server's C functions, with commas between",
  },
  // Patroni, deployments and drivers read no other dates. How dates may be entered is free.
  DateStyle: {
    form: /^ISO(, ?(MDY|DMY|YMD))?$/i,
    allowed: "ISO, and an order in which days and months are read: ISO, DMY",
  },
  "pgaudit.log": {
    form: /^(-?(all|ddl|function|misc|misc_set|read|role|write)|none)( ?, ?(-?(all|ddl|function|misc|misc_set|read|role|write)|none))*$/i,
    allowed: "classes of pgaudit, with commas between: ddl, function, misc, misc_set, read, role, write, all",
  },
  "pgaudit.log_level": {
    form: /^(debug[1-5]|info|notice|warning|log)$/i,
    allowed: "debug5, debug4, debug3, debug2, debug1, info, notice, warning, log",
  },
  output_plugin_libraries: {
    form: /^(\w+( ?, ?\w+)*)?$/,
    allowed: "names of libraries, with commas between",
  },
  wal_consistency_checking: {
    form: new RegExp(`^((all|${RESOURCE_MANAGERS.join("|")})( ?, ?(?!$)|$))*$`, "i"),
    allowed: `all, or some of ${RESOURCE_MANAGERS.join(", ")}, with commas between`,
  },
};

interface NamesOfImage {
  what: string;
  names: readonly string[];
}
const TIME_ZONES: NamesOfImage = { what: "a time zone", names: IMAGE_NAMES.timeZones };
const LOCALES: NamesOfImage = { what: "a locale", names: IMAGE_NAMES.locales };

/** Texts that name a part of the image: with another the server does not start, or goes on with what it had. */
const NAMES: Readonly<Record<string, NamesOfImage>> = {
  TimeZone: TIME_ZONES,
  log_timezone: TIME_ZONES,
  lc_messages: LOCALES,
  lc_monetary: LOCALES,
  lc_numeric: LOCALES,
  lc_time: LOCALES,
  timezone_abbreviations: {
    what: "a set of abbreviations",
    names: IMAGE_NAMES.timeZoneAbbreviations,
  },
  default_text_search_config: {
    what: "a text search configuration",
    names: IMAGE_NAMES.textSearchConfigurations.map((name) => `pg_catalog.${name}`),
  },
};

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
      return TEXTS[entry.name]?.allowed ?? "text of one line";
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
  const ofImage = NAMES[entry.name];
  if (ofImage !== undefined) return readName(ofImage, text);
  // A line break would end the value in postgresql.conf and start another setting.
  const isTaken =
    !/[\p{Cc}\p{Surrogate}\u2028\u2029]/u.test(text) && (TEXTS[entry.name]?.form.test(text) ?? true);
  return isTaken ? { value: text } : { allowed: allowedValues(entry) };
}

/** The image's own spelling: the server takes any case, and `C.UTF-8` as well as `C.utf8`. */
function readName({ what, names }: NamesOfImage, text: string): Reading {
  const folded = (name: string) => name.toLowerCase().replace(/^pg_catalog\.|(?<=\.utf)-/g, "");
  const value = names.find((name) => folded(name) === folded(text));
  if (value !== undefined) return { value };
  const few = names.length <= 30 ? names : [nearest(text, names) ?? names.at(-1)!];
  return { allowed: `${what} of the image: ${few.join(", ")}${few.length < names.length ? " …" : ""}` };
}

function readQuantity(entry: CatalogueEntry, given: string | number | boolean): Reading {
  if (typeof given === "boolean") return { allowed: allowedValues(entry) };
  const read = readBothNumbers(String(given), entry);
  if (
    read === undefined ||
    read.rounded < (entry.min ?? -Infinity) ||
    read.rounded > (entry.max ?? Infinity)
  ) {
    return { allowed: allowedValues(entry) };
  }
  const value = showNumber(read.rounded, entry);
  // What is in force would not be what was asked for: `0.4ms` of a timeout in ms is none.
  return isSameNumber(read.written, readNumber(value, entry)!)
    ? { value }
    : { allowed: `what the server does not round; of this it would make ${value}` };
}

/** But for what a computer's fractions add. */
function isSameNumber(one: number, other: number): boolean {
  return Math.abs(one - other) <= 1e-9 * Math.max(Math.abs(one), Math.abs(other));
}

function showQuantity(entry: CatalogueEntry, number: number | undefined): string {
  return number === undefined ? "any" : showNumber(number, entry);
}

function unitNames(units: Units): string {
  return units === MEMORY ? "B, kB, MB, GB, TB" : units === TIME ? "us, ms, s, min, h, d" : "";
}
