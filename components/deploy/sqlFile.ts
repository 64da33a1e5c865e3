import { createHash } from "node:crypto";
import { parseFileName } from "./fileNames.ts";
import type { FileName } from "./fileNames.ts";
import type { Settings } from "./settings.ts";
import { settingsLines } from "./settings.ts";

/** One SQL file as the runner applies it. */
export interface SqlFile {
  name: string;
  place: FileName;
  /** The text that is hashed and sent: normalised by {@link normalise}. */
  text: string;
  /** SHA-256 in hex; for a repeatable file it covers the settings that its text names. */
  sha256: string;
  /** True for a file that runs statement by statement, outside a transaction. */
  concurrent: boolean;
  /** True for a file that runs as the connection's superuser and not as the owner of all objects. */
  superuser: boolean;
}

/**
 * The text as it is hashed and sent: a leading byte order mark is removed, CRLF and lone CR become LF. So a
 * checkout with other line ends is no edit. Nothing else is changed, blanks and comments count.
 */
export function normalise(text: string): string {
  return text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
}

/** SHA-256 of a text's UTF-8 bytes, 64 hex digits. */
export function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** A line of the header that is no known directive, with its number from 1. */
export interface DirectiveFault {
  line: number;
  message: string;
}

const DIRECTIVE = /^--\s*acgs:\s*(.*?)\s*$/;

/** Reads the directives in the first lines of a normalised text; `-- acgs:` further down is a fault. */
export function readDirectives(text: string): {
  concurrent: boolean;
  superuser: boolean;
  faults: DirectiveFault[];
} {
  const found = { concurrent: false, superuser: false, faults: [] as DirectiveFault[] };
  let inHeader = true;
  for (const [index, line] of text.split("\n").entries()) {
    const directive = DIRECTIVE.exec(line)?.[1];
    if (directive === undefined) {
      inHeader = false;
    } else if (!inHeader) {
      found.faults.push({ line: index + 1, message: `"${line}" must stand in the file's first lines` });
    } else if (directive === "concurrent") {
      found.concurrent = true;
    } else if (directive === "role=superuser") {
      found.superuser = true;
    } else {
      found.faults.push({
        line: index + 1,
        message: `unknown directive "${directive}"; known are "concurrent" and "role=superuser"`,
      });
    }
  }
  return found;
}

/**
 * Makes a file of its name and raw text.
 *
 * A repeatable file's hash covers each setting whose name occurs anywhere in its text (a comment counts), so
 * that a changed setting runs exactly the files again that read it. A versioned file's hash is its text's.
 *
 * @returns `undefined` when the name is none of an SQL file
 */
export function sqlFile(name: string, raw: string, settings: Settings): SqlFile | undefined {
  const place = parseFileName(name);
  if (!place) return undefined;
  const text = normalise(raw);
  const { concurrent, superuser } = readDirectives(text);
  const mentioned = Object.fromEntries(
    Object.entries(settings).filter(([setting]) => text.includes(setting)),
  );
  const hashed = place.kind === "repeatable" ? text + settingsLines(mentioned) : text;
  return { name, place, text, sha256: sha256(hashed), concurrent, superuser };
}

/** The order in which files run: versioned ones by number, then repeatable ones by name. */
export function inOrder(a: SqlFile, b: SqlFile): number {
  const rank = (file: SqlFile): number => (file.place.kind === "versioned" ? file.place.version : Infinity);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
