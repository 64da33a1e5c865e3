import type { Script } from "../pgbench.ts";

/** Rows of one table. */
export interface Fill {
  table: string;
  rows: number;
  /** Inserts the rows with these numbers, from 1, both ends included. */
  insert: (from: number, to: number) => string;
}

/** What a service does with its tables, in the shares of reads and writes that the requirements give it. */
export interface Mix {
  /** As the table shows it, such as `auth 80/20`. */
  name: string;
  schema: string;
  login: string;
  fills: Fill[];
  /** Weights add up to 100. */
  scripts: Script[];
}

/** A row's time: a year back to now, in the order of its number. */
export function spread(rows: number, number = "i"): string {
  return `now() - interval '360 days' * (1 - ${number}::float8 / ${rows})`;
}

/** The same id for the same number, here and in a script, whose variables may be what is put in. */
export function id(kind: string, number: string): string {
  return `md5('${kind}' || (${number})::text)::uuid`;
}

/** A hash of 64 digits, such as that of a token. */
export function hash(kind: string, number: string): string {
  return `md5('${kind}' || (${number})::text) || md5((${number})::text || '${kind}')`;
}

/** A text of the loader's table, about 2 kB of words. */
export function text(number: string): string {
  return `(SELECT body FROM bench.texts WHERE number = (${number}) % 1000)`;
}

/** What texts are made of: enough words for a compressor to find what it finds in prose. */
export const TEXTS = [
  "CREATE SCHEMA bench",
  "CREATE TABLE bench.texts (number integer PRIMARY KEY, body text COMPRESSION lz4 NOT NULL)",
  `INSERT INTO bench.texts
   SELECT number, string_agg(word || left(md5(number::text || place), 3), ' ' ORDER BY place)
   FROM generate_series(0, 999) AS number, generate_series(1, 220) AS place,
     LATERAL (SELECT (string_to_array('the policy shall require that every decision of a service be recorded with reasons under principle and review by council before enforcement or appeal', ' '))[1 + hashint4(number * 331 + place) & 15] AS word) AS words
   GROUP BY number`,
];
