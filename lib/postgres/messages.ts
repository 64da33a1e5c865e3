import type { EventEmitter } from "node:events";
import type pg from "pg";

/**
 * Writes on each error how many commands of its message were completed before it, as `commandsDone`: that tells
 * which statement failed. It is written as the error comes in, because answers to what was sent ahead follow.
 */
export function countCommands(client: pg.Client): void {
  let count = 0;
  const mark = (error: Error & { commandsDone?: number }): void => void (error.commandsDone ??= count);
  const { connection } = client as unknown as { connection: EventEmitter };
  connection.on("commandComplete", () => count++);
  connection.on("errorMessage", mark);
  connection.on("readyForQuery", () => (count = 0));
  // A connection that breaks.
  client.on("error", mark);
}

/**
 * Sends several messages at once and waits for all answers: one round trip. Each is a message of its own, so a
 * later one runs although an earlier one has failed.
 *
 * @throws the first message's error that failed
 */
export async function together(client: pg.Client, ...messages: string[]): Promise<pg.QueryResult[]> {
  const outcomes = await Promise.allSettled(messages.map((message) => client.query(message)));
  return outcomes.map((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
}
