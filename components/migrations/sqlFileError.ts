import { caret, offsetOfCharacter, positionOf } from "./sourcePosition.ts";
import type { Spot } from "./sourcePosition.ts";

/** A text that was sent for a file, and where its parts stand in the file. Offsets in UTF-16 units. */
export interface SentText {
  text: string;
  /** From here on, the text is a piece of the file … */
  pieceStart: number;
  /** … that stands there in the file. */
  fileOffset: number;
}

/** What pg's errors carry, as far as the server sent it; an error of the connection carries none of it. */
export interface ServerError extends Error {
  code?: string | undefined;
  position?: string | undefined;
  internalQuery?: string | undefined;
  internalPosition?: string | undefined;
  detail?: string | undefined;
  hint?: string | undefined;
  where?: string | undefined;
  /** Commands of the message that were completed before it. */
  commandsDone?: number;
}

/** A failed file: where, what the server said, and what to do. The message is made for an operator. */
export class SqlFileError extends Error {
  readonly file: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** The server's SQLSTATE, such as `42P01`. */
  readonly code: string | undefined;

  constructor(file: string, spot: Spot | undefined, code: string | undefined, message: string) {
    super(message);
    this.name = "SqlFileError";
    this.file = file;
    this.line = spot?.line;
    this.column = spot?.column;
    this.code = code;
  }
}

/**
 * Makes the operator's message of a server's error.
 *
 * @param path      the file with its directory, such as `sql/dgm/V002__views.sql`
 * @param text      the file's normalised text
 * @param sent      what was sent, to find the server's position again in the file
 * @param statement where the failed statement starts in the file, when the server gives no position
 * @param remedy    what is applied now, and what to do
 */
export function sqlFileError(
  path: string,
  text: string,
  error: ServerError,
  sent: SentText,
  statement: number | undefined,
  remedy: string,
): SqlFileError {
  const offset = fileOffset(error.position, sent, text);
  const place = offset ?? statement;
  const spot = place === undefined ? undefined : positionOf(text, place);
  const lines = [
    `${path}${spot ? `:${spot.line}:${spot.column}` : ""}: ${error.message}${error.code ? ` (${error.code})` : ""}`,
  ];
  if (spot) lines.push(caret(text, spot));
  if (spot && offset === undefined)
    lines.push("(the statement that starts here; the server names no place in it)");
  if (error.internalQuery !== undefined) lines.push(...internal(error.internalQuery, error.internalPosition));
  if (error.detail) lines.push(`DETAIL: ${error.detail}`);
  if (error.hint) lines.push(`HINT: ${error.hint}`);
  if (error.where) lines.push(`CONTEXT: ${error.where}`);
  return new SqlFileError(path, spot, error.code, [...lines, remedy].join("\n"));
}

/** What the runner puts behind a file: an unfinished last statement fails only there. */
export const FILE_END = "\n;";

/** The server's position as an offset in the file; `undefined` where it lies in the runner's own text. */
function fileOffset(position: string | undefined, sent: SentText, text: string): number | undefined {
  if (position === undefined) return undefined;
  const inPiece = offsetOfCharacter(sent.text, Number(position)) - sent.pieceStart;
  const offset = inPiece + sent.fileOffset;
  if (inPiece < 0 || offset >= text.length + FILE_END.length) return undefined;
  return Math.min(offset, text.trimEnd().length);
}

/** The query of a function in which it happened. */
function internal(query: string, position: string | undefined): string[] {
  if (position === undefined) return ["in the query:", query];
  return ["in the query:", caret(query, positionOf(query, offsetOfCharacter(query, Number(position))))];
}
