import { createHash } from "node:crypto";
import type { Statement } from "../../lib/sqlParser.ts";
import { isStorableText } from "../../lib/text/storable.ts";
import { lockedTables } from "./statementLocks.ts";

/** One SQL file as the runner applies it. */
export interface SqlFile extends SqlText {
  statements: Statement[];
  /** Why it may not be applied, although the server would take it. A versioned file may have been, by an earlier release. */
  refused: string[];
}

/** A file before its statements are parsed. */
export interface SqlText {
  name: string;
  /** Of a file that runs once; a repeatable file has none, and runs again whenever it changes. */
  version: number | undefined;
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

/** What a name may look like, for messages. */
export const NAME_RULE =
  "a versioned file is V001__some_name.sql (a number of three digits or more, then small letters, digits and " +
  "single underscores), a repeatable one R__some_name.sql";

const FILE_NAME = /^(?:V([0-9]{3,6})|R)__[a-z0-9]+(?:_[a-z0-9]+)*\.sql$/;

/** Reads a file's name; `undefined` for a name that follows neither pattern. */
export function parseFileName(name: string): { version: number | undefined } | undefined {
  const matched = FILE_NAME.exec(name);
  if (!matched) return undefined;
  const [, digits] = matched;
  if (digits === undefined) return { version: undefined };
  const version = Number(digits);
  // 0001 and 001 are one version: without this they would be two names for the same place in the order.
  return version > 0 && digits === versionText(version) ? { version } : undefined;
}

/** A version as file names write it: 7 is `007`. */
export function versionText(version: number): string {
  return String(version).padStart(3, "0");
}

/** Settings that SQL files read by `current_setting('acgs.…')`: values by full name. */
export type Settings = Record<string, string>;

/** The settings whose names occur in the files' text, be it in a comment: a change of another concerns none of them. */
export function settingsReadBy(files: readonly Pick<SqlText, "text">[], settings: Settings): Settings {
  const read = ([name]: [string, string]): boolean => files.some(({ text }) => text.includes(name));
  return Object.fromEntries(Object.entries(settings).filter(read));
}

/** One message per setting that SQL files could not read. */
export function settingFaults(settings: Settings): string[] {
  return Object.entries(settings)
    .filter(([name, value]) => !/^acgs\.[a-z][a-z0-9_]*$/.test(name) || !isStorableText(value))
    .map(
      ([name]) =>
        `setting ${JSON.stringify(name)}: a setting's name is "acgs." and small letters, digits and underscores, and ` +
        `its value is a text without NUL`,
    );
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
 * Makes a file, but for its statements, of its name and raw text.
 *
 * A repeatable file's hash covers each setting whose name occurs anywhere in its text (a comment counts), so
 * that a changed setting runs exactly the files again that read it. A versioned file's hash is its text's.
 *
 * @returns `undefined` when the name is none of an SQL file
 */
export function sqlText(name: string, raw: string, settings: Settings): SqlText | undefined {
  const parsed = parseFileName(name);
  if (!parsed) return undefined;
  const text = normalise(raw);
  const { concurrent, superuser, last } = readDirectives(text);
  const mentioned = Object.entries(parsed.version === undefined ? settingsReadBy([{ text }], settings) : {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([setting, value]) => `\n-- ${setting} = ${JSON.stringify(value)}`);
  return { name, ...parsed, text, sha256: sha256(text + mentioned.join("")), concurrent, superuser, last };
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
  const rank = ({ version = Infinity }: SqlFile): number => version;
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** A file as the state holds it and previews show it. What does not apply is left out. */
export interface FileInput {
  runs: "once" | "when changed" | "after all others";
  mode: "one transaction" | "concurrent";
  role?: "superuser";
  /** The tables from which it locks out writers. */
  locks?: string[];
  sha256: string;
  /** Why it may not be applied. It stays out of the state: the file may have been applied by an earlier release. */
  refused?: string[];
  /** Indexes that it has built and that a refresh did not find any more, or found to be of no use. */
  missingIndexes?: string[];
  invalidIndexes?: string[];
}

/** The files of a schema by name, as the program declares them. */
export function fileInputs(files: readonly SqlFile[]): Record<string, FileInput> {
  return Object.fromEntries(files.map((file) => [file.name, fileInput(file)]));
}

function fileInput(file: SqlFile): FileInput {
  const { version, last, concurrent, superuser, statements, sha256, refused } = file;
  const locks = lockedTables(statements);
  return {
    runs: version !== undefined ? "once" : last ? "after all others" : "when changed",
    mode: concurrent ? "concurrent" : "one transaction",
    ...(superuser && { role: "superuser" }),
    ...(locks.length > 0 && { locks }),
    sha256,
    ...(refused.length > 0 && { refused }),
  };
}
