-- acgs: concurrent
-- The indexes of the requirements, under their names, those that foreign keys need, and the one for sealing. On a
-- partitioned table the runner builds each partition's index concurrently and attaches it.

-- Audit trail.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_audit_logs_timestamp
ON integrity.audit_logs (created_at DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_audit_logs_user
ON integrity.audit_logs (user_id, created_at DESC);
-- The requirements name this one too, on the same columns. With the action in it, what a user did and when is read
-- from the index alone, and LIKE on the action too.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_audit_logs_user_time
ON integrity.audit_logs (user_id, created_at DESC) INCLUDE (action);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_audit_logs_resource_action
ON integrity.audit_logs (resource_type, action, created_at DESC);
-- What happened to this one policy.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_audit_logs_resource
ON integrity.audit_logs (resource_id, created_at DESC) WHERE resource_id IS NOT NULL;
-- action LIKE '%policy%', for all users: trigrams answer it literally, a word that a tokenizer cuts elsewhere too.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_audit_logs_action_trgm
ON integrity.audit_logs USING gin (action public.gin_trgm_ops);
-- The order of sealing. All entries come at its end.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_audit_logs_seal_order
ON integrity.audit_logs (recorded_xid, id);

-- Signatures.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_signatures_document
ON integrity.signatures (document_hash);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_signatures_certificate
ON integrity.signatures (certificate_id) WHERE certificate_id IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_signatures_pgp_key
ON integrity.signatures (pgp_key_id) WHERE pgp_key_id IS NOT NULL;
-- Few: what is still to be verified.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_signatures_unverified
ON integrity.signatures (created_at) WHERE verification_status = 'unverified';

-- Hashes.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_hash_records_hash
ON integrity.hash_records (hash_value);

-- Certificates and keys.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_certificates_issuer_certificate
ON integrity.certificates (issuer_certificate_id) WHERE issuer_certificate_id IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_certificates_expiry
ON integrity.certificates (not_after) WHERE status = 'active';
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_pgp_keys_key_id
ON integrity.pgp_keys (key_id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_pgp_keys_email
ON integrity.pgp_keys (lower(email)) WHERE email IS NOT NULL;
