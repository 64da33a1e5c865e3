import type pg from "pg";
import type { StackOutputs } from "../../../components/stack/outputs.ts";
import { closeSession, openSession } from "../../../lib/postgres/session.ts";
import { Client, type Session } from "../client.ts";
import { INSERT, READ } from "../rows.ts";

/** A client that hears nothing for so long (ms) takes its connection for broken. */
export const ANSWER_WITHIN = 5_000;

/** Inserts one numbered row after the other, each a transaction, through the writer's endpoint. */
export function writer(outputs: StackOutputs, number: number, answerWithin = ANSWER_WITHIN): Client {
  const name = `writer ${number}`;
  return new Client({
    name,
    afterError: "reopen",
    open: throughPoolers(
      outputs,
      outputs.services.acgs_user.url,
      number,
      answerWithin,
      async (client, row) => {
        const { rows } = await client.query<{ primary: string }>(INSERT, [name, row]);
        return rows[0]!.primary;
      },
    ),
  });
}

/** Reads the same row again and again through the reader's endpoint. */
export function reader(outputs: StackOutputs, number: number, answerWithin = ANSWER_WITHIN): Client {
  return new Client({
    name: `reader ${number}`,
    afterError: "reopen",
    open: throughPoolers(
      outputs,
      outputs.services.acgs_user.readUrl,
      number,
      answerWithin,
      async (client) => {
        await client.query(READ, [`writer ${number}`]);
        return undefined;
      },
    ),
  });
}

/** The same URL at one of the PgBouncers. */
export function throughPooler(url: string, { host, port }: { host: string; port: number }): string {
  const address = new URL(url);
  address.host = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return address.href;
}

type Act = (client: pg.Client, number: number) => Promise<string | undefined>;

/**
 * Opens connections to the PgBouncers in turn, as the outputs tell clients to: the first of each client to another
 * one, and each further one to the next.
 */
function throughPoolers(
  { poolers }: StackOutputs,
  url: string,
  first: number,
  answerWithin: number,
  act: Act,
): () => Promise<Session> {
  let next = first;
  return async () => {
    const at = throughPooler(url, poolers[next++ % poolers.length]!);
    const limits = { connectWithinMs: answerWithin, answerWithinMs: answerWithin };
    const client = await openSession({ at }, { applicationName: "drill", ...limits });
    return { act: (number) => act(client, number), close: () => void closeSession(client) };
  };
}
