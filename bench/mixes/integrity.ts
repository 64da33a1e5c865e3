import { hash, id, spread, type Mix } from "./mix.ts";

const CERTIFICATES = 200;

/** The audit trail grows, signatures are verified, which writes the outcome, and hashes of documents are recorded. */
export function integrity(rows: number): Mix {
  const logs = Math.round(rows * 0.2);
  const signatures = Math.round(rows * 0.05);
  const hashes = Math.round(rows * 0.03);
  const document = `\\set d random(1, ${signatures})\n`;
  return {
    name: "integrity 30/70",
    schema: "integrity",
    login: "integrity_service",
    fills: [
      {
        table: "integrity.certificates",
        rows: CERTIFICATES,
        insert: (from, to) => `
          INSERT INTO integrity.certificates
            (id, fingerprint, serial_number, subject_name, issuer_name, public_key_algorithm, certificate_pem, not_before,
             not_after)
          SELECT ${id("certificate", "i")}, ${hash("certificate", "i")}, md5(i::text), 'CN=signer ' || i, 'CN=authority',
            'ed25519', '-----BEGIN CERTIFICATE-----' || repeat(md5(i::text), 20), now() - interval '1 year',
            now() + interval '1 year'
          FROM generate_series(${from}, ${to}) AS i`,
      },
      {
        table: "integrity.audit_logs",
        rows: logs,
        insert: (from, to) => `
          INSERT INTO integrity.audit_logs
            (created_at, user_id, service_name, action, resource_type, resource_id, client_address, details)
          SELECT ${spread(logs)}, ${id("user", "1 + (i * 7919::bigint) % 50000")},
            (ARRAY['auth_service', 'gs_service', 'pgc_service'])[1 + i % 3],
            (ARRAY['policy.create', 'policy.update', 'decision.appeal', 'login'])[1 + i % 4], 'policy', (i % 50000)::text,
            '10.0.0.0'::inet + i, jsonb_build_object('before', md5(i::text), 'after', md5((i + 1)::text))
          FROM generate_series(${from}, ${to}) AS i`,
      },
      {
        table: "integrity.signatures",
        rows: signatures,
        insert: (from, to) => `
          INSERT INTO integrity.signatures
            (id, document_hash, document_type, document_id, signature_value, signature_algorithm, certificate_id,
             signed_at, created_at)
          SELECT ${id("signature", "i")}, ${hash("document", "i")}, 'policy', i::text,
            decode(${hash("signature", "i")}, 'hex'), 'ed25519', ${id("certificate", `1 + i % ${CERTIFICATES}`)},
            ${spread(signatures)}, ${spread(signatures)}
          FROM generate_series(${from}, ${to}) AS i`,
      },
      {
        table: "integrity.hash_records",
        rows: hashes,
        insert: (from, to) => `
          INSERT INTO integrity.hash_records (hash_value, document_type, document_id, size_bytes, created_at)
          SELECT ${hash("document", "i")}, 'policy', i::text, 2000 + i % 4000, ${spread(hashes)}
          FROM generate_series(${from}, ${to}) AS i`,
      },
    ],
    scripts: [
      {
        name: "integrity-signatures",
        weight: 20,
        text: `${document}SELECT id, signature_value, signature_algorithm, certificate_id, verification_status, expires_at
FROM integrity.signatures WHERE document_hash = ${hash("document", ":d")};
`,
      },
      {
        name: "integrity-trail",
        weight: 10,
        text: `\\set u random(1, 50000)
SELECT id, created_at, action, resource_type, resource_id, outcome FROM integrity.audit_logs
WHERE user_id = ${id("user", ":u")} AND created_at > now() - interval '7 days' ORDER BY created_at DESC LIMIT 20;
`,
      },
      {
        name: "integrity-audit",
        weight: 50,
        text: `\\set u random(1, 50000)
INSERT INTO integrity.audit_logs (user_id, service_name, action, resource_type, resource_id, client_address, details)
VALUES (${id("user", ":u")}, 'pgc_service', 'policy.update', 'policy', :u::text, '10.0.0.1',
  jsonb_build_object('before', md5(:u::text), 'after', md5(random()::text)));
`,
      },
      {
        name: "integrity-verify",
        weight: 12,
        text: `${document}UPDATE integrity.signatures SET verification_status = 'valid', verified_at = now()
WHERE id = ${id("signature", ":d")};
`,
      },
      {
        name: "integrity-hash",
        weight: 8,
        text: `INSERT INTO integrity.hash_records (hash_value, document_type, document_id, size_bytes)
VALUES (md5(random()::text) || md5(random()::text), 'policy', md5(random()::text), 2048);
`,
      },
    ],
  };
}
