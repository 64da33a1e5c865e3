import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";
import { type Columns, ENTRY, entriesHash, hashOfRecord, type Row, SEAL } from "./auditor.ts";

// What an auditor does who trusts no function of the server.

let database: StackDatabase;
let admin: pg.Client;

beforeAll(async () => {
  database = await startAppliedDatabase("integrity");
  admin = await database.connect();
  await admin.query("SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname LIKE 'integrity-%'");
  await admin.query("SET datestyle = 'ISO'; SET timezone = 'UTC'; SET bytea_output = 'hex'");
});
afterAll(() => database?.stop());

/** All rows with every column as text. */
async function read(table: string, columns: Columns, more = ""): Promise<Row[]> {
  const list = Object.keys(columns).map((name) => `${name}::text`);
  return (await admin.query<Row>(`SELECT ${list.join(", ")}${more} FROM integrity.${table}`)).rows;
}

const before = (row: Row, xid: string, id: string): boolean =>
  BigInt(row["recorded_xid"]!) < BigInt(xid) ||
  (row["recorded_xid"] === xid && BigInt(row["id"]!) < BigInt(id));

/** Numbers of the seals whose hash, rows or predecessor are not what they say. */
async function faultySeals(): Promise<string[]> {
  const rows = await read("audit_logs", ENTRY);
  const seals = (await read("audit_seals", SEAL, ", seal_hash::text")).sort(
    (a, b) => Number(a["seal_number"]) - Number(b["seal_number"]),
  );
  return seals.flatMap((seal, i) => {
    const own = rows.filter(
      (row) =>
        !before(row, seal["from_xid"]!, seal["from_id"]!) && before(row, seal["to_xid"]!, seal["to_id"]!),
    );
    const hex = (hash: Buffer): string => `\\x${hash.toString("hex")}`;
    const sound =
      seal["entries_hash"] === hex(entriesHash(own)) &&
      seal["seal_hash"] === hex(hashOfRecord(SEAL, seal)) &&
      seal["previous_hash"] === (i === 0 ? `\\x${"00".repeat(32)}` : seals[i - 1]!["seal_hash"]);
    return sound ? [] : [seal["seal_number"]!];
  });
}

test("an auditor's own computation comes to the same hashes, of rows of every kind and of two months", async () => {
  await admin.query("SELECT integrity.seal_audit_logs()");
  await admin.query(
    `INSERT INTO integrity.audit_logs (created_at, occurred_at, user_id, request_id, service_name, action,
       resource_type, resource_id, outcome, client_address, details)
     SELECT now() - (n % 2) * interval '1 month' - n * interval '1 microsecond', nullif(now(), now() + n * interval '0'),
       CASE WHEN n % 3 = 0 THEN gen_random_uuid() END, gen_random_uuid(), 'gs', 'policy.update', 'policy', 'ä„ß' || n, 'denied',
       (ARRAY[NULL, '192.0.2.7', '2001:db8::1', '198.51.100.0/24', '::1', '2001:db8::/32'])[1 + n % 6]::inet,
       jsonb_build_object('n', n, 'name', 'Gödel – ' || n, 'list', jsonb_build_array(1.50, NULL, true))
     FROM generate_series(1, 50) AS n`,
  );
  await admin.query("SELECT integrity.seal_audit_logs(1000, 7)");
  expect((await read("audit_seals", SEAL)).length).toBeGreaterThan(7);
  expect(await faultySeals()).toEqual([]);
});

test("and finds what a forged function would not", async () => {
  await admin.query("BEGIN; ALTER TABLE integrity.audit_logs DISABLE TRIGGER ALL");
  const { rows } = await admin.query<{ id: string }>(
    "UPDATE integrity.audit_logs SET action = 'policy.read' WHERE id = (SELECT max(id) FROM integrity.audit_logs) RETURNING id",
  );
  await admin.query(
    "CREATE OR REPLACE FUNCTION integrity.audit_row_faults(seal integrity.audit_seals, dropped_before timestamptz) RETURNS TABLE (fault text, entry_id bigint, detail text) LANGUAGE sql AS 'SELECT NULL::text, NULL::bigint, NULL::text WHERE false'",
  );
  const verified = await admin.query("SELECT * FROM integrity.verify_audit_chain()");
  const seal = await admin.query<{ n: string }>(
    "SELECT seal_number::text AS n FROM integrity.audit_seals WHERE $1::bigint BETWEEN first_id AND last_id",
    [rows[0]!.id],
  );
  const faulty = await faultySeals();
  await admin.query("ROLLBACK");
  expect(verified.rows).toEqual([]);
  expect(faulty).toEqual(seal.rows.map(({ n }) => n));
  expect(await faultySeals()).toEqual([]);
});
