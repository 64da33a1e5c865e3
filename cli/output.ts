import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { styleText } from "node:util";
import { say } from "../lib/progress.ts";

// Results go to stdout, and only through this file; progress goes to stderr (lib/progress.ts).

export function print(text: string): void {
  process.stdout.write(text);
}

/** A path that the operator gave, from the folder in which the command was called (main.ts). */
export function operatorPath(path: string): string {
  return resolve(process.env["INIT_CWD"] ?? process.cwd(), path);
}

/**
 * Writes a command's result as JSON.
 * @param path  `-` for stdout
 * @param what  names the result in the message that tells the file
 * @param secret  only this user may read a new file
 */
export function writeJson(result: object, path: string, what: string, { secret = false } = {}): void {
  const text = `${JSON.stringify(result, undefined, 2)}\n`;
  if (path === "-") return print(text);
  const file = operatorPath(path);
  writeFileSync(file, text, { mode: secret ? 0o600 : 0o666 });
  say(`✓ ${what}: ${file}`);
}

/** Columns for a table: those of the terminal within bounds. @param otherwise  where stdout is no terminal */
export function tableWidth(least: number, most: number, otherwise: number): number {
  return Math.min(Math.max(process.stdout.columns ?? otherwise, least), most);
}

/** No escapes where stdout is no terminal or NO_COLOR is set. */
export function paint(style: Parameters<typeof styleText>[0], text: string): string {
  return styleText(style, text, { stream: process.stdout });
}
