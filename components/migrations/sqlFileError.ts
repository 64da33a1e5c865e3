import { caret, offsetOfCharacter, positionOf } from "../../lib/text/sourcePosition.ts";
import type { SourcePosition } from "../../lib/text/sourcePosition.ts";

/** A text that was sent for a file, and where the file has its parts. Offsets count UTF-16 units. */
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

  constructor(file: string, position: SourcePosition | undefined, code: string | undefined, message: string) {
    super(message);
    this.name = "SqlFileError";
    this.file = file;
    this.line = position?.line;
    this.column = position?.column;
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
  const from = offset ?? statement;
  const place = from === undefined ? undefined : positionOf(text, from);
  const lines = [
    `${path}${place ? `:${place.line}:${place.column}` : ""}: ${error.message}${error.code ? ` (${error.code})` : ""}`,
  ];
  if (place) lines.push(caret(text, place));
  if (place && offset === undefined)
    lines.push("(the statement that starts here; the server names no place in it)");
  if (error.internalQuery !== undefined) lines.push(...internal(error.internalQuery, error.internalPosition));
  if (error.detail) lines.push(`DETAIL: ${error.detail}`);
  if (error.hint) lines.push(`HINT: ${error.hint}`);
  if (error.where) lines.push(`CONTEXT: ${error.where}`);
  return new SqlFileError(path, place, error.code, [...lines, remedy].join("\n"));
}

/** The server's position as an offset in the file; `undefined` where it lies in the runner's own text. */
function fileOffset(position: string | undefined, sent: SentText, text: string): number | undefined {
  if (position === undefined) return undefined;
  const inPiece = offsetOfCharacter(sent.text, Number(position)) - sent.pieceStart;
  const offset = inPiece + sent.fileOffset;
  return inPiece < 0 || offset > text.length ? undefined : offset;
}

/** The query of a function in which it happened. */
function internal(query: string, position: string | undefined): string[] {
  if (position === undefined) return ["in the query:", query];
  return ["in the query:", caret(query, positionOf(query, offsetOfCharacter(query, Number(position))))];
}
