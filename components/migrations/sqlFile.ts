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
  /** True for a file that runs after all others, and again whenever one of them runs: its hash covers theirs. */
  last: boolean;
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
  last: boolean;
  faults: DirectiveFault[];
} {
  const found = { concurrent: false, superuser: false, last: false, faults: [] as DirectiveFault[] };
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
    } else if (directive === "last") {
      found.last = true;
    } else {
      found.faults.push({
        line: index + 1,
        message: `unknown directive "${directive}"; known are "concurrent", "last" and "role=superuser"`,
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
  const { concurrent, superuser, last } = readDirectives(text);
  const mentioned = Object.fromEntries(
    Object.entries(settings).filter(([setting]) => text.includes(setting)),
  );
  const hashed = place.kind === "repeatable" ? text + settingsLines(mentioned) : text;
  return { name, place, text, sha256: sha256(hashed), concurrent, superuser, last };
}

/**
 * Lets the hash of each file that runs last cover those of all others: what they make anew, such as a view that is
 * dropped and created again, has lost what such a file gave it.
 */
export function coverOthers(files: readonly SqlFile[]): SqlFile[] {
  const others = files.filter((file) => !file.last).map((file) => `${file.name} ${file.sha256}\n`);
  return files.map((file) =>
    file.last ? { ...file, sha256: sha256(`${file.sha256}\n${others.join("")}`) } : file,
  );
}

/** The order in which files run: versioned ones by number, repeatable ones by name, then those that are last. */
export function inOrder(a: SqlFile, b: SqlFile): number {
  if (a.last !== b.last) return a.last ? 1 : -1;
  const rank = (file: SqlFile): number => (file.place.kind === "versioned" ? file.place.version : Infinity);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
