import { CATALOGUE, type CatalogueEntry, IMAGE_NAMES } from "../../../components/postgres/catalogue.ts";
import { LOADABLE } from "../../../components/postgres/parameterFaults.ts";
import { showNumber } from "../../../components/postgres/parameterUnits.ts";

export interface Setting {
  name: string;
  value: string;
}

const ends = <T>(names: readonly T[]): T[] => [names[0]!, names.at(-1)!];

/** A text has no bounds: an empty one where the server takes it, a long or a rare one, and one of each kind. */
const TEXTS: Record<string, readonly string[]> = {
  DateStyle: ["ISO", "ISO, DMY", "iso,ymd"],
  TimeZone: ends(IMAGE_NAMES.timeZones),
  application_name: ["", "a name of sixty-three characters, quoted by ' and \" and \\ and ;"],
  backtrace_functions: ["", "elog_start,errfinish", "x".repeat(300)],
  default_text_search_config: ends(IMAGE_NAMES.textSearchConfigurations).map((name) => `pg_catalog.${name}`),
  lc_messages: ends(IMAGE_NAMES.locales),
  lc_monetary: ends(IMAGE_NAMES.locales),
  lc_numeric: ends(IMAGE_NAMES.locales),
  lc_time: ends(IMAGE_NAMES.locales),
  local_preload_libraries: ["", "auth_delay"],
  log_line_prefix: ["", "%m [%p] %q%u@%d %a %h %e %i %l %c %v %x %Q ' \\ \" é ", "%".repeat(500)],
  log_timezone: ends(IMAGE_NAMES.timeZones),
  output_plugin_libraries: ["", "pgoutput", "no_such_library"],
  "pgaudit.log": ["none", "all", "all, -misc", "READ,write"],
  "pgaudit.log_level": ["debug5", "log", "error"],
  session_preload_libraries: ["", ...LOADABLE, "no_such_library"],
  shared_preload_libraries: ["", LOADABLE.join(","), LOADABLE.join(", ")],
  timezone_abbreviations: ends(IMAGE_NAMES.timeZoneAbbreviations),
  wal_consistency_checking: ["", "all", "heap,btree", "no_such_manager"],
};

function valuesOf(entry: CatalogueEntry): readonly string[] {
  switch (entry.type) {
    case "bool":
      return ["on", "off"];
    case "enum":
      return entry.values ?? [];
    case "string": {
      const texts = TEXTS[entry.name];
      if (texts === undefined) throw new Error(`${entry.name} has no values to try: add some to TEXTS`);
      return texts;
    }
    default:
      return [...new Set([entry.min!, entry.max!])].map((bound) => showNumber(bound, entry));
  }
}

/** Every value to try of every parameter that an operator may set: first the first of each, then the second, and so on. */
export function boundsOfAll(): Setting[] {
  const settings = [...CATALOGUE.values()]
    .filter(({ owner }) => owner === undefined)
    .flatMap((entry) => valuesOf(entry).map((value, round) => ({ name: entry.name, value, round })));
  return settings.sort((one, other) => one.round - other.round).map(({ name, value }) => ({ name, value }));
}
