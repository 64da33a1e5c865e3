import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { BATCH_ROWS, type TableData, type TableRows } from "./dataset.ts";

/** Text that is handed to the connection at once: enough that its costs do not count. */
const CHUNK_CHARACTERS = 128 * 1024;
/** For a login whose statement_timeout is meant for single queries, and that stays for this transaction alone. */
const TRANSACTION =
  "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";

/** Rows that one transaction brings. */
export interface Batch {
  /** Number of the first row. */
  first: number;
  /** One more than that of the last. */
  end: number;
}

/** Who is told how far the filling is. */
export interface Observer {
  /** So many rows more were handed over; below zero when their transaction failed. */
  rows(count: number): void;
  /** Making rows took so many ms. */
  generated(ms: number): void;
}

/** Cuts so many rows into batches of {@link BATCH_ROWS}. */
export function batchesOf(rows: number): Batch[] {
  return Array.from({ length: Math.ceil(rows / BATCH_ROWS) }, (_, i) => ({
    first: i * BATCH_ROWS,
    end: Math.min(rows, (i + 1) * BATCH_ROWS),
  }));
}

/** The batches that an earlier run has not brought. Each came as a whole or not at all, so its first row tells. */
export async function missingBatches(
  client: pg.Client,
  table: TableData,
  rows: TableRows,
  batches: readonly Batch[],
): Promise<Batch[]> {
  const key = Object.entries(table.key ?? { id: "uuid" });
  const values = batches.map(({ first }) => rows.key(first));
  const columns = key.map(([name]) => name).join(", ");
  const found = await client.query<{ place: string }>(
    `SELECT place FROM unnest(${key.map(([, type], i) => `$${i + 1}::${type}[]`).join(", ")})
       WITH ORDINALITY AS wanted (${columns}, place)
     WHERE EXISTS (
       SELECT FROM ${table.name} AS present
       WHERE ${key.map(([name]) => `present.${name} = wanted.${name}`).join(" AND ")}
     )`,
    key.map((_, i) => values.map((one) => one[i])),
  );
  const present = new Set(found.rows.map(({ place }) => Number(place) - 1));
  return batches.filter((_, i) => !present.has(i));
}

/** Brings one batch, in a transaction of its own. */
export async function fillBatch(
  client: pg.Client,
  table: TableData,
  rows: TableRows,
  batch: Batch,
  observer: Observer,
): Promise<void> {
  const columns = table.columns.map((name) => pg.escapeIdentifier(name)).join(", ");
  let handed = 0;
  await client.query(TRANSACTION);
  try {
    const chunks = copyText(rows, batch, {
      ...observer,
      rows(count) {
        handed += count;
        observer.rows(count);
      },
    });
    if (table.hasRowSecurity) await insert(client, table, columns, [...chunks].join(""));
    else {
      const target = client.query(copyFrom(`COPY ${table.name} (${columns}) FROM STDIN`));
      // One chunk is made while the one before is on its way, and none ahead of that: back-pressure from the server.
      await pipeline(Readable.from(chunks, { objectMode: true, highWaterMark: 1 }), target);
    }
    await client.query("COMMIT");
  } catch (error) {
    observer.rows(-handed);
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/** The rows of a batch in COPY's text format, in pieces. */
export function* copyText(rows: TableRows, { first, end }: Batch, observer?: Observer): Generator<string> {
  let i = first;
  while (i < end) {
    const started = performance.now();
    const from = i;
    let chunk = "";
    while (i < end && chunk.length < CHUNK_CHARACTERS) chunk += `${rows.row(i++)}\n`;
    observer?.generated(performance.now() - started);
    observer?.rows(i - from);
    yield chunk;
  }
}

async function insert(client: pg.Client, table: TableData, columns: string, text: string): Promise<void> {
  const places = table.columns.map((_, i) => `$${i + 1}`).join(", ");
  for (const line of text.trimEnd().split("\n")) {
    const values = line.split("\t").map((value) => (value === "\\N" ? null : unescape(value)));
    await client.query(`INSERT INTO ${table.name} (${columns}) VALUES (${places})`, values);
  }
}

const UNESCAPED: Record<string, string> = { t: "\t", n: "\n", r: "\r" };

function unescape(value: string): string {
  return value.replaceAll(/\\(.)/g, (_, character: string) => UNESCAPED[character] ?? character);
}
