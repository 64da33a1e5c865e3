import pg from "pg";
import { sha256 } from "./sqlFile.ts";
import type { SqlFile } from "./sqlFile.ts";

/** The link before the first versioned file. */
export const CHAIN_START = "0".repeat(64);

/**
 * The next link of the chain over a schema's versioned files: each link covers the one before, the file's
 * name and its content. Who edits the history of the ledger has to forge every later link as well.
 */
export function chainLink(previous: string, file: { name: string; sha256: string }): string {
  return sha256(`${previous}\n${file.name}\n${file.sha256}\n`);
}

/** A file's latest line in the ledger. */
export interface LedgerRow {
  file: string;
  kind: "versioned" | "repeatable";
  sha256: string;
  /** Link of the chain over the versioned files; null for a repeatable one. */
  chain: string | null;
}

/**
 * Makes the ledger where it is missing. The schema may be there already, made as a resource.
 *
 * Every run of a file is a line, so the table tells the history of repeatable files too.
 */
export function ledgerSetup(owner: string): string {
  const role = pg.escapeIdentifier(owner);
  return `DO $acgs_ledger$ BEGIN
    IF to_regclass('deploy.ledger') IS NOT NULL THEN RETURN; END IF;
    CREATE SCHEMA IF NOT EXISTS deploy AUTHORIZATION ${role};
    CREATE TABLE deploy.ledger (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      schema text NOT NULL,
      file text NOT NULL,
      kind text NOT NULL CHECK (kind IN ('versioned', 'repeatable')),
      sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
      chain text CHECK (chain ~ '^[0-9a-f]{64}$'),
      applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      duration interval NOT NULL,
      applied_by text NOT NULL,
      CHECK ((kind = 'versioned') = (chain IS NOT NULL))
    );
    CREATE UNIQUE INDEX ledger_versioned_once ON deploy.ledger (schema, file) WHERE kind = 'versioned';
    CREATE INDEX ledger_latest ON deploy.ledger (schema, file, id DESC);
    COMMENT ON TABLE deploy.ledger IS 'SQL files that were applied, one line per run; kept by the SQL runner';
    COMMENT ON COLUMN deploy.ledger.chain IS 'SHA-256 over the link before, the name and the content of a versioned file';
    ALTER TABLE deploy.ledger OWNER TO ${role};
  END $acgs_ledger$`;
}

/** The latest line of each file of a schema, in the order in which they were first applied. */
export function ledgerQuery(schema: string): string {
  return `SELECT file, kind, sha256, chain FROM (
    SELECT DISTINCT ON (file) *, min(id) OVER (PARTITION BY file) AS first
    FROM deploy.ledger WHERE schema = ${pg.escapeLiteral(schema)} ORDER BY file, id DESC
  ) AS latest ORDER BY first`;
}

/** The statement that enters a file; it runs in the file's own transaction. Its start is an SQL expression. */
export function ledgerEntry(
  schema: string,
  file: SqlFile,
  chain: string,
  by: string,
  started: string,
): string {
  const kind: LedgerRow["kind"] = file.version === undefined ? "repeatable" : "versioned";
  const values = [schema, file.name, kind, file.sha256].map((value) => pg.escapeLiteral(value));
  const link = kind === "versioned" ? pg.escapeLiteral(chain) : "NULL";
  return (
    `INSERT INTO deploy.ledger (schema, file, kind, sha256, chain, duration, applied_by) VALUES ` +
    `(${values.join(", ")}, ${link}, clock_timestamp() - ${started}, ${pg.escapeLiteral(by)})`
  );
}

/**
 * The statement that fails unless this file was the last one that was entered: for a file that is sent before
 * the answer to the one before it is known.
 */
export function ledgerGuard(schema: string, before: SqlFile): string {
  const values = [schema, before.name, before.sha256].map((value) => pg.escapeLiteral(value));
  return `DO ${pg.escapeLiteral(
    `BEGIN
      IF (SELECT (schema, file, sha256) = (${values.join(", ")}) FROM deploy.ledger ORDER BY id DESC LIMIT 1) THEN RETURN; END IF;
      RAISE EXCEPTION 'the file before this one was not applied';
    END`,
  )}`;
}

/** The chain's last link, and the first file whose link does not fit: the ledger was changed by hand there. */
export function checkChain(rows: LedgerRow[]): { last: string; broken: string | undefined } {
  let last = CHAIN_START;
  let broken: string | undefined;
  for (const row of rows) {
    if (row.kind !== "versioned") continue;
    const expected = chainLink(last, { name: row.file, sha256: row.sha256 });
    if (row.chain !== expected) broken ??= row.file;
    last = row.chain ?? expected;
  }
  return { last, broken };
}
