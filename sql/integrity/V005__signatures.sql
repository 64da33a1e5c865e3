-- Signatures over documents. What was signed, by which key, is fixed; only the outcome of verification changes
-- (R__row_upkeep.sql).

CREATE TABLE integrity.signatures (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    document_hash text NOT NULL,
    hash_algorithm text NOT NULL DEFAULT 'sha256',
    document_type text NOT NULL,
    document_id text,
    signature_value bytea NOT NULL,
    signature_algorithm text NOT NULL,
    certificate_id uuid,
    pgp_key_id uuid,
    signer_id uuid,
    purpose text NOT NULL DEFAULT 'approval',
    signed_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    verification_status text NOT NULL DEFAULT 'unverified',
    verified_at timestamptz,
    verification_error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT signatures_pkey PRIMARY KEY (id),
    CONSTRAINT signatures_certificate_id_fkey FOREIGN KEY (certificate_id) REFERENCES integrity.certificates (id),
    CONSTRAINT signatures_pgp_key_id_fkey FOREIGN KEY (pgp_key_id) REFERENCES integrity.pgp_keys (id),
    CONSTRAINT signatures_hash_algorithm_check CHECK (
        hash_algorithm IN ('sha256', 'sha384', 'sha512', 'sha3-256')
    ),
    CONSTRAINT signatures_document_hash_check CHECK (
        document_hash ~ '^[0-9a-f]+$'
        AND length(document_hash) = CASE hash_algorithm WHEN 'sha384' THEN 96 WHEN 'sha512' THEN 128 ELSE 64 END
    ),
    CONSTRAINT signatures_document_type_check CHECK (document_type <> ''),
    CONSTRAINT signatures_signature_value_check CHECK (octet_length(signature_value) BETWEEN 32 AND 8192),
    CONSTRAINT signatures_signature_algorithm_check CHECK (
        signature_algorithm IN (
            'rsa-pss-sha256', 'rsa-pkcs1-sha256', 'ecdsa-p256-sha256', 'ecdsa-p384-sha384', 'ed25519', 'openpgp'
        )
    ),
    CONSTRAINT signatures_key_check CHECK (
        num_nonnulls(certificate_id, pgp_key_id) = 1
        AND (signature_algorithm = 'openpgp') = (pgp_key_id IS NOT NULL)
    ),
    CONSTRAINT signatures_purpose_check CHECK (
        purpose IN ('approval', 'authorship', 'attestation', 'timestamp', 'audit_seal')
    ),
    CONSTRAINT signatures_expires_at_check CHECK (expires_at > signed_at),
    CONSTRAINT signatures_verification_check CHECK (
        verification_status IN ('unverified', 'valid', 'invalid')
        AND (verification_status = 'unverified') = (verified_at IS NULL)
    ),
    CONSTRAINT signatures_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE integrity.signatures IS
'Digital signatures over documents, by a certificate or a PGP key. Only the outcome of verification can change.';
COMMENT ON COLUMN integrity.signatures.id IS 'Key.';
COMMENT ON COLUMN integrity.signatures.document_hash IS
'Hash of the signed document in lower-case hexadecimal; how signatures of a document are found.';
COMMENT ON COLUMN integrity.signatures.hash_algorithm IS 'sha256, sha384, sha512 or sha3-256.';
COMMENT ON COLUMN integrity.signatures.document_type IS 'Kind of document, such as policy or audit_seal.';
COMMENT ON COLUMN integrity.signatures.document_id IS
'The document, under the key it has in its service; no foreign key across schemas: services deploy on their own.';
COMMENT ON COLUMN integrity.signatures.signature_value IS 'The signature, 32 to 8192 bytes.';
COMMENT ON COLUMN integrity.signatures.signature_algorithm IS
'rsa-pss-sha256, rsa-pkcs1-sha256, ecdsa-p256-sha256, ecdsa-p384-sha384, ed25519 or openpgp.';
COMMENT ON COLUMN integrity.signatures.certificate_id IS 'Certificate of the signer; NULL for openpgp.';
COMMENT ON COLUMN integrity.signatures.pgp_key_id IS 'PGP key of the signer, for openpgp only.';
COMMENT ON COLUMN integrity.signatures.signer_id IS
'User who signed (auth.users), if any; no foreign key across schemas.';
COMMENT ON COLUMN integrity.signatures.purpose IS
'What it attests: approval, authorship, attestation, timestamp or audit_seal (the hash of a seal, docs/integrity.md).';
COMMENT ON COLUMN integrity.signatures.signed_at IS 'When it was signed, by the signer''s clock.';
COMMENT ON COLUMN integrity.signatures.expires_at IS 'Until when it counts; NULL for ever.';
COMMENT ON COLUMN integrity.signatures.verification_status IS
'Outcome of the last verification: unverified (none yet), valid or invalid.';
COMMENT ON COLUMN integrity.signatures.verified_at IS 'When it was last verified.';
COMMENT ON COLUMN integrity.signatures.verification_error IS 'Why it is invalid.';
COMMENT ON COLUMN integrity.signatures.created_at IS 'When the row was made.';
COMMENT ON COLUMN integrity.signatures.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN integrity.signatures.constitutional_hash IS 'Constitution under which the row was written.';
