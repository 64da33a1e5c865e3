import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { indexesRead } from "../conventions.ts";
import { rows, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

let database: StackDatabase;
let service: pg.Client;

/** Four weeks of an audit trail, in which one user in a thousand is a program that acts all the time. */
const LOAD = [
  `INSERT INTO integrity.audit_logs (created_at, user_id, service_name, action, resource_type, resource_id)
   SELECT now() - (60000 - i) * interval '35 seconds',
     md5((CASE WHEN i % 5 = 0 THEN 0 ELSE i % 1009 END)::text)::uuid, 'svc' || i % 8,
     CASE WHEN i % 5000 = 0 THEN 'policy_quarantine'
       ELSE (ARRAY['policy', 'principle', 'session', 'bundle'])[1 + i % 4] || '.verb' || i % 13 END,
     (ARRAY['policy', 'principle', 'session', 'bundle'])[1 + i % 4], (i % 7919)::text
   FROM generate_series(1, 60000) AS i`,
  `INSERT INTO integrity.pgp_keys (fingerprint, user_name, email, algorithm, public_key, key_created_at)
   SELECT encode(sha256(('key' || i)::bytea), 'hex'), 'u' || i, i || '@example.org', 'ed25519', '-----BEGIN PGP PUBLIC KEY BLOCK-----', now()
   FROM generate_series(1, 3000) AS i`,
  `INSERT INTO integrity.signatures (document_hash, document_type, signature_value, signature_algorithm, pgp_key_id, verification_status, verified_at)
   SELECT encode(sha256(('document' || i % 15000)::bytea), 'hex'), 'policy', decode(repeat('ab', 64), 'hex'), 'openpgp', k.id,
     CASE WHEN i % 200 = 0 THEN 'unverified' ELSE 'valid' END, CASE WHEN i % 200 = 0 THEN NULL ELSE now() END
   FROM generate_series(1, 30000) AS i JOIN (SELECT id, row_number() OVER () AS n FROM integrity.pgp_keys) AS k ON k.n = 1 + i % 3000`,
  `INSERT INTO integrity.hash_records (hash_value, document_type, document_id)
   SELECT encode(sha256(('document' || i)::bytea), 'hex'), 'policy', i::text FROM generate_series(1, 15000) AS i`,
];

const DOCUMENT = "encode(sha256('document77'), 'hex')";

beforeAll(async () => {
  database = await startAppliedDatabase("integrity");
  const admin = await database.connect();
  await admin.query("SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname LIKE 'integrity-%'");
  for (const statement of LOAD) await admin.query(statement);
  service = await database.connect("integrity_service");
  await service.query("SELECT integrity.seal_audit_logs()");
  await service.query("SELECT integrity.refresh_statistics()");
  // As autovacuum would in a while.
  await admin.query("VACUUM ANALYZE");
});
afterAll(() => database?.stop());

test.each([
  [["idx_audit_logs_timestamp"], "SELECT * FROM integrity.audit_logs ORDER BY created_at DESC LIMIT 50"],
  [
    ["idx_audit_logs_user_time"],
    "SELECT created_at, action FROM integrity.audit_logs WHERE user_id = md5('0')::uuid ORDER BY created_at DESC",
  ],
  [
    ["idx_audit_logs_action_trgm"],
    "SELECT * FROM integrity.audit_logs WHERE action LIKE '%quarantine%' ORDER BY created_at DESC",
  ],
  [
    ["idx_audit_logs_action_trgm"],
    "SELECT * FROM integrity.audit_logs WHERE action ILIKE '%Quarantine%' ORDER BY created_at DESC",
  ],
  [
    ["idx_audit_logs_resource_action"],
    "SELECT * FROM integrity.audit_logs WHERE resource_type = 'policy' AND action = 'policy.verb8' ORDER BY created_at DESC LIMIT 50",
  ],
  [
    ["idx_audit_logs_resource"],
    "SELECT * FROM integrity.audit_logs WHERE resource_type = 'policy' AND resource_id = '77' ORDER BY created_at DESC",
  ],
  [
    ["idx_audit_logs_seal_order"],
    "SELECT l.id, integrity.audit_log_hash(l) FROM integrity.audit_logs l WHERE (recorded_xid, id) >= ('3'::xid8, 7::bigint) ORDER BY recorded_xid, id LIMIT 100",
  ],
  [
    ["idx_signatures_document", "pgp_keys_pkey"],
    `SELECT s.signature_value, k.public_key, k.status FROM integrity.signatures s
     JOIN integrity.pgp_keys k ON k.id = s.pgp_key_id WHERE s.document_hash = ${DOCUMENT}`,
  ],
  [["idx_signatures_pgp_key"], "SELECT * FROM integrity.signatures WHERE pgp_key_id = md5('7')::uuid"],
  [
    ["idx_signatures_unverified"],
    "SELECT * FROM integrity.signatures WHERE verification_status = 'unverified' ORDER BY created_at LIMIT 50",
  ],
  [["idx_hash_records_hash"], `SELECT * FROM integrity.hash_records WHERE hash_value = ${DOCUMENT}`],
  [["idx_pgp_keys_key_id"], "SELECT * FROM integrity.pgp_keys WHERE key_id = '0123456789abcdef'"],
  [["idx_pgp_keys_email"], "SELECT * FROM integrity.pgp_keys WHERE lower(email) = '7@example.org'"],
])("%j serve the query they are for", async (indexes, query) => {
  expect(await indexesRead(service, "integrity", query)).toEqual(indexes);
});

// Which of the two it is makes no difference where the rows of the table have to be read anyway.
test.each([
  [
    "a user's entries",
    "SELECT * FROM integrity.audit_logs WHERE user_id = md5('7')::uuid ORDER BY created_at DESC",
  ],
  [
    "the requirements' slow query",
    "SELECT * FROM integrity.audit_logs WHERE user_id = md5('7')::uuid AND action LIKE '%policy%' ORDER BY created_at DESC",
  ],
])("%s are found by user", async (_, query) => {
  for (const index of await indexesRead(service, "integrity", query)) {
    expect(["idx_audit_logs_user", "idx_audit_logs_user_time"]).toContain(index);
  }
  // Some 50 rows, each on a page of its own.
  const { Plan } = await explain(query);
  expect(Plan["Actual Rows"]).toBeGreaterThan(10);
  expect(Plan["Shared Hit Blocks"] + Plan["Shared Read Blocks"]).toBeLessThan(90);
});

interface Plan {
  "Node Type": string;
  "Actual Rows": number;
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
  "Execution Time"?: number;
  Plans?: Plan[];
}

async function explain(query: string): Promise<{ Plan: Plan; "Execution Time": number }> {
  const [[plan]] = (await rows(service, `EXPLAIN (ANALYZE, BUFFERS, FORMAT json) ${query}`)) as [
    [{ Plan: Plan; "Execution Time": number }],
  ];
  return plan;
}

test("what a user did with policies is read from an index alone", async () => {
  const plan = await explain(
    `SELECT created_at, action FROM integrity.audit_logs
     WHERE user_id = md5('0')::uuid AND action LIKE '%policy%' AND created_at > now() - interval '3 days' ORDER BY created_at DESC`,
  );
  expect(JSON.stringify(plan)).toContain('"Index Only Scan"');
  expect(plan.Plan["Actual Rows"]).toBeGreaterThan(300);
  expect(plan.Plan["Shared Hit Blocks"] + plan.Plan["Shared Read Blocks"]).toBeLessThan(60);
});

test("a batch to seal is read in order, without a sort, and no page more than it needs", async () => {
  const plan = await explain(
    `SELECT l.recorded_xid, l.id FROM integrity.audit_logs l
     WHERE (recorded_xid, id) >= ('3'::xid8, 20000::bigint) AND recorded_xid < pg_snapshot_xmin(pg_current_snapshot())
     ORDER BY recorded_xid, id LIMIT 1000`,
  );
  expect(plan.Plan["Actual Rows"]).toBe(1000);
  expect(JSON.stringify(plan)).not.toContain('"Sort"');
  expect(plan.Plan["Shared Hit Blocks"] + plan.Plan["Shared Read Blocks"]).toBeLessThan(100);
});

test("all signatures of a document with their keys are there within the requirements' 25 ms", async () => {
  const query = `SELECT s.*, k.public_key FROM integrity.signatures s JOIN integrity.pgp_keys k ON k.id = s.pgp_key_id
                 WHERE s.document_hash = ${DOCUMENT}`;
  const plan = await explain(query);
  expect(plan.Plan["Actual Rows"]).toBe(2);
  // Pages say it whatever else the machine does.
  expect(plan.Plan["Shared Hit Blocks"] + plan.Plan["Shared Read Blocks"]).toBeLessThan(20);
});
