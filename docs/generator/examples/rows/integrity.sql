-- 10,000 rows a day in the requirements, most of them of the audit trail. One action in eight has to do with policies;
-- a tenth of all is what one program does.

INSERT INTO integrity.audit_logs (created_at, user_id, service_name, action, resource_type, resource_id)
SELECT
    example.came(i, 24000, 100),
    example.key('user', CASE WHEN i % 10 = 0 THEN 1 ELSE 1 + (example.chance(i, 1) * 999)::int END), 'service_' || i % 8,
    CASE WHEN i % 800 = 0 THEN 'policy.rejected' WHEN i % 8 = 0 THEN 'read.policy_' || i % 40
        ELSE (ARRAY['login', 'logout', 'session.refreshed', 'principle.read', 'bundle.loaded', 'key.rotated'])[1 + i % 6]
        END,
    (ARRAY['session', 'policy', 'principle', 'bundle', 'key'])[1 + i % 5], 'r' || i % 4000
FROM generate_series(1, 24000) AS i;

INSERT INTO integrity.pgp_keys (id, fingerprint, user_name, algorithm, public_key, key_created_at)
SELECT
    example.key('pgp', i), example.sha256('pgp', i), 'Council', 'ed25519', '-----BEGIN PGP PUBLIC KEY BLOCK-----',
    example.came(1, 100, 100)
FROM generate_series(1, 50) AS i;

INSERT INTO integrity.signatures (
    id, document_hash, document_type, signature_value, signature_algorithm, pgp_key_id, signed_at, created_at
)
SELECT
    example.key('signature', i), example.sha256('document', i % 6000), 'policy', decode(repeat('00', 64), 'hex'),
    'openpgp', example.key('pgp', 1 + i % 50), example.came(i, 12000, 100), example.came(i, 12000, 100)
FROM generate_series(1, 12000) AS i;

INSERT INTO integrity.hash_records (id, hash_value, document_type, document_id, created_at)
SELECT
    example.key('hash', i), example.sha256('document', i), 'policy', 'document_' || i, example.came(i, 12000, 100)
FROM generate_series(1, 12000) AS i;
