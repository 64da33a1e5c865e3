/** An error whose message is written for the person at the terminal: it is shown without a stack trace. */
export class UserError extends Error {}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
