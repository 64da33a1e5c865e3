-- Hashes of documents: what a document was at a time.

CREATE TABLE integrity.hash_records (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    hash_value text NOT NULL,
    hash_algorithm text NOT NULL DEFAULT 'sha256',
    document_type text NOT NULL,
    document_id text NOT NULL,
    document_version integer NOT NULL DEFAULT 1,
    size_bytes bigint,
    recorded_by uuid,
    verification_status text NOT NULL DEFAULT 'unverified',
    verified_at timestamptz,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT hash_records_pkey PRIMARY KEY (id),
    CONSTRAINT hash_records_document_key UNIQUE (document_type, document_id, document_version, hash_algorithm),
    CONSTRAINT hash_records_hash_algorithm_check CHECK (
        hash_algorithm IN ('sha256', 'sha384', 'sha512', 'sha3-256')
    ),
    CONSTRAINT hash_records_hash_value_check CHECK (
        hash_value ~ '^[0-9a-f]+$'
        AND length(hash_value) = CASE hash_algorithm WHEN 'sha384' THEN 96 WHEN 'sha512' THEN 128 ELSE 64 END
    ),
    CONSTRAINT hash_records_document_check CHECK (document_type <> '' AND document_id <> ''),
    CONSTRAINT hash_records_document_version_check CHECK (document_version > 0),
    CONSTRAINT hash_records_size_bytes_check CHECK (size_bytes >= 0),
    CONSTRAINT hash_records_verification_check CHECK (
        verification_status IN ('unverified', 'match', 'mismatch')
        AND (verification_status = 'unverified') = (verified_at IS NULL)
    ),
    CONSTRAINT hash_records_metadata_check CHECK (jsonb_typeof(metadata) = 'object'),
    CONSTRAINT hash_records_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE integrity.hash_records IS
'Hash of each version of a document. Only the outcome of verification can change.';
COMMENT ON COLUMN integrity.hash_records.id IS 'Key.';
COMMENT ON COLUMN integrity.hash_records.hash_value IS 'The hash in lower-case hexadecimal.';
COMMENT ON COLUMN integrity.hash_records.hash_algorithm IS 'sha256, sha384, sha512 or sha3-256.';
COMMENT ON COLUMN integrity.hash_records.document_type IS 'Kind of document, such as policy.';
COMMENT ON COLUMN integrity.hash_records.document_id IS
'The document, under the key it has in its service; no foreign key across schemas: services deploy on their own.';
COMMENT ON COLUMN integrity.hash_records.document_version IS 'Version of the document, from 1.';
COMMENT ON COLUMN integrity.hash_records.size_bytes IS 'Size of the document in bytes, if known.';
COMMENT ON COLUMN integrity.hash_records.recorded_by IS
'User who recorded it (auth.users); NULL for the system itself. No foreign key across schemas.';
COMMENT ON COLUMN integrity.hash_records.verification_status IS
'Outcome of the last comparison with the document: unverified (none yet), match or mismatch.';
COMMENT ON COLUMN integrity.hash_records.verified_at IS 'When it was last compared.';
COMMENT ON COLUMN integrity.hash_records.metadata IS 'Object: anything else, such as the media type.';
COMMENT ON COLUMN integrity.hash_records.created_at IS 'When the row was made.';
COMMENT ON COLUMN integrity.hash_records.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN integrity.hash_records.constitutional_hash IS 'Constitution under which the row was written.';
