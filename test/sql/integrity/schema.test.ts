import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { conventionFaults, indexDefinitions, refusedBy, tablesOf } from "../conventions.ts";
import { failure, rows, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

/** The indexes that the requirements name, with their columns. */
const SEED_INDEXES = {
  idx_audit_logs_timestamp: "audit_logs USING btree (created_at DESC)",
  idx_audit_logs_user: "audit_logs USING btree (user_id, created_at DESC)",
  idx_audit_logs_user_time: "audit_logs USING btree (user_id, created_at DESC) INCLUDE (action)",
  idx_audit_logs_resource_action: "audit_logs USING btree (resource_type, action, created_at DESC)",
  idx_audit_logs_action_trgm: "audit_logs USING gin (action gin_trgm_ops)",
  idx_signatures_document: "signatures USING btree (document_hash)",
  idx_hash_records_hash: "hash_records USING btree (hash_value)",
};

const SHA256 = "a".repeat(64);

let database: StackDatabase;
let admin: pg.Client;
let service: pg.Client;
let certificate: string;
let key: string;

beforeAll(async () => {
  database = await startAppliedDatabase("integrity");
  admin = await database.connect();
  // Names of operator classes without their schema.
  await admin.query("SET search_path = public");
  service = await database.connect("integrity_service");
  [certificate] = (await rows(service, certified({}))) as [string];
  [key] = (await rows(service, keyed({}))) as [string];
});
afterAll(() => database?.stop());

/** An insert of a row that is right but for what is given. */
const insert = (table: string, row: Record<string, string>): string =>
  `INSERT INTO integrity.${table} (${Object.keys(row).join(", ")}) VALUES (${Object.values(row).join(", ")}) RETURNING id`;

const recorded = (row: Record<string, string>): string =>
  insert("audit_logs", { service_name: "'gs'", action: "'policy.update'", ...row });
const certified = (row: Record<string, string>): string =>
  insert("certificates", {
    fingerprint: "encode(sha256(gen_random_uuid()::text::bytea), 'hex')",
    serial_number: "substr(md5(random()::text), 1, 20)",
    subject_name: "'CN=council'",
    issuer_name: "'CN=authority'",
    public_key_algorithm: "'ed25519'",
    certificate_pem: "'-----BEGIN CERTIFICATE-----'",
    not_before: "now()",
    not_after: "now() + interval '1 year'",
    ...row,
  });
const keyed = (row: Record<string, string>): string =>
  insert("pgp_keys", {
    fingerprint: "encode(sha256(gen_random_uuid()::text::bytea), 'hex')",
    user_name: "'Council'",
    algorithm: "'ed25519'",
    public_key: "'-----BEGIN PGP PUBLIC KEY BLOCK-----'",
    key_created_at: "now()",
    ...row,
  });
const signed = (row: Record<string, string>): string =>
  insert("signatures", {
    document_hash: `'${SHA256}'`,
    document_type: "'policy'",
    signature_value: "decode(repeat('ab', 64), 'hex')",
    signature_algorithm: "'ed25519'",
    certificate_id: `'${certificate}'`,
    ...row,
  });
const hashed = (row: Record<string, string>): string =>
  insert("hash_records", {
    hash_value: `'${SHA256}'`,
    document_type: "'policy'",
    document_id: "gen_random_uuid()",
    ...row,
  });

describe("the schema", () => {
  test("has the tables of the requirements and those of the chain, and their indexes", async () => {
    expect(await tablesOf(admin, "integrity")).toEqual([
      "audit_logs",
      "audit_seal_entries",
      "audit_seals",
      "certificates",
      "hash_records",
      "pgp_keys",
      "signatures",
    ]);
    expect(await indexDefinitions(admin, "integrity")).toMatchObject(SEED_INDEXES);
  });

  test("keeps to the rules of all schemas", async () => {
    // Their bodies were resolved when they were made; a search path would keep the server from inlining them.
    expect(await conventionFaults(admin, "integrity")).toEqual(
      ["audit_entries_hash", "audit_log_hash", "audit_seal_hash"].map(
        (name) => `a search path that is not pinned: ${name}`,
      ),
    );
    expect(
      await rows(
        admin,
        `SELECT proname FROM pg_proc WHERE pronamespace = 'integrity'::regnamespace
         AND proconfig IS NULL AND (prosqlbody IS NULL OR prosecdef)`,
      ),
    ).toEqual([]);
  });

  test("refuses nothing of a row that is right", async () => {
    for (const make of [recorded, certified, keyed, signed, hashed]) {
      expect(await refusedBy(service, make({}))).toBeUndefined();
    }
    const openpgp = signed({
      signature_algorithm: "'openpgp'",
      certificate_id: "NULL",
      pgp_key_id: `'${key}'`,
    });
    expect(await refusedBy(service, openpgp)).toBeUndefined();
  });

  test.each<[string, () => string]>([
    ["audit_logs_action_check", () => recorded({ action: "''" })],
    ["audit_logs_outcome_check", () => recorded({ outcome: "'ok'" })],
    ["audit_logs_resource_check", () => recorded({ resource_id: "'7'" })],
    ["audit_logs_details_check", () => recorded({ details: "'[]'" })],
    ["audit_logs_constitutional_hash_check", () => recorded({ constitutional_hash: "'deadbeefdeadbeef'" })],
    ["certificates_fingerprint_check", () => certified({ fingerprint: "'AB'" })],
    ["certificates_validity_check", () => certified({ not_after: "now() - interval '1 day'" })],
    ["certificates_revocation_check", () => certified({ status: "'revoked'" })],
    [
      "certificates_certificate_pem_check",
      () => certified({ certificate_pem: "'-----BEGIN CERTIFICATE----- -----BEGIN PRIVATE KEY-----'" }),
    ],
    [
      "certificates_issuer_certificate_id_fkey",
      () => certified({ issuer_certificate_id: "gen_random_uuid()" }),
    ],
    ["pgp_keys_public_key_check", () => keyed({ public_key: "'-----BEGIN PGP PRIVATE KEY BLOCK-----'" })],
    ["pgp_keys_fingerprint_check", () => keyed({ fingerprint: "repeat('a', 41)" })],
    ["pgp_keys_revocation_check", () => keyed({ revoked_at: "now()" })],
    ["signatures_document_hash_check", () => signed({ hash_algorithm: "'sha512'" })],
    ["signatures_document_hash_check", () => signed({ document_hash: "upper(repeat('a', 64))" })],
    ["signatures_hash_algorithm_check", () => signed({ hash_algorithm: "'md5'" })],
    ["signatures_key_check", () => signed({ certificate_id: "NULL" })],
    ["signatures_key_check", () => signed({ pgp_key_id: `'${key}'` })],
    ["signatures_key_check", () => signed({ signature_algorithm: "'openpgp'" })],
    ["signatures_verification_check", () => signed({ verification_status: "'valid'" })],
    ["signatures_signature_value_check", () => signed({ signature_value: "'\\x00'" })],
    ["hash_records_hash_value_check", () => hashed({ hash_algorithm: "'sha384'" })],
    ["hash_records_document_version_check", () => hashed({ document_version: "0" })],
  ])("refuses by %s (%#)", async (constraint, statement) => {
    expect(await refusedBy(service, statement())).toBe(constraint);
  });

  test("knows a PGP key by the digits with which signatures name it", async () => {
    const id = "SELECT key_id FROM integrity.pgp_keys WHERE fingerprint = $1";
    await service.query(keyed({ fingerprint: `'${"0".repeat(24)}0123456789abcdef'` }));
    expect(await rows(service, id, [`${"0".repeat(24)}0123456789abcdef`])).toEqual(["0123456789abcdef"]);
    await service.query(keyed({ fingerprint: `'0123456789abcdef${"f".repeat(48)}'` }));
    expect(await rows(service, id, [`0123456789abcdef${"f".repeat(48)}`])).toEqual(["0123456789abcdef"]);
  });

  test("lets the outcome of a verification change, and nothing that was signed or recorded", async () => {
    const [signature] = await rows(service, signed({}));
    const [record] = await rows(service, hashed({}));
    const change = (table: string, set: string, id: unknown, as = service): Promise<string | undefined> =>
      failure(as, `UPDATE integrity.${table} SET ${set} WHERE id = $1`, [id]);
    expect(
      await change("signatures", "verification_status = 'valid', verified_at = now()", signature),
    ).toBeUndefined();
    for (const set of [
      "document_hash = repeat('b', 64)",
      "signature_value = decode(repeat('cd', 64), 'hex')",
      "certificate_id = NULL",
    ]) {
      expect(await change("signatures", set, signature)).toBe("42501");
      // Privileges do not hold for a superuser: what refuses is the trigger.
      expect(await change("signatures", set, signature, admin)).toBe("23000");
    }
    expect(
      await change("hash_records", "verification_status = 'match', verified_at = now()", record),
    ).toBeUndefined();
    expect(await change("hash_records", "hash_value = repeat('b', 64)", record)).toBe("42501");
    expect(await change("hash_records", "hash_value = repeat('b', 64)", record, admin)).toBe("23000");
    for (const table of ["signatures", "hash_records", "certificates", "pgp_keys"]) {
      expect(await failure(service, `DELETE FROM integrity.${table}`)).toBe("42501");
    }
    const stamped = await rows(
      service,
      "SELECT updated_at > created_at FROM integrity.signatures WHERE id = $1 UNION ALL SELECT updated_at > created_at FROM integrity.hash_records WHERE id = $2",
      [signature, record],
    );
    expect(stamped).toEqual([true, true]);
  });

  test("keeps a certificate that a signature names", async () => {
    expect(await failure(admin, "DELETE FROM integrity.certificates WHERE id = $1", [certificate])).toBe(
      "23503",
    );
  });
});
