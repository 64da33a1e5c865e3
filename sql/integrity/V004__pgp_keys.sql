-- Public OpenPGP keys. Private keys live where they sign (a hardware module, a vault), never in this database.

CREATE TABLE integrity.pgp_keys (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    fingerprint text NOT NULL,
    key_id text NOT NULL GENERATED ALWAYS AS (
        CASE length(fingerprint) WHEN 40 THEN right(fingerprint, 16) ELSE left(fingerprint, 16) END
    ) STORED,
    owner_id uuid,
    user_name text NOT NULL,
    email text,
    algorithm text NOT NULL,
    public_key text COMPRESSION lz4 NOT NULL,
    private_key_reference text,
    trust_level text NOT NULL DEFAULT 'unknown',
    status text NOT NULL DEFAULT 'active',
    key_created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT pgp_keys_pkey PRIMARY KEY (id),
    CONSTRAINT pgp_keys_fingerprint_key UNIQUE (fingerprint),
    CONSTRAINT pgp_keys_fingerprint_check CHECK (fingerprint ~ '^([0-9a-f]{40}|[0-9a-f]{64})$'),
    CONSTRAINT pgp_keys_algorithm_check CHECK (
        algorithm IN ('rsa-2048', 'rsa-3072', 'rsa-4096', 'ecdsa-p256', 'ecdsa-p384', 'ed25519', 'ed448')
    ),
    CONSTRAINT pgp_keys_public_key_check CHECK (
        starts_with(public_key, '-----BEGIN PGP PUBLIC KEY BLOCK-----') AND strpos(public_key, 'PRIVATE KEY') = 0
    ),
    CONSTRAINT pgp_keys_trust_level_check CHECK (
        trust_level IN ('unknown', 'never', 'marginal', 'full', 'ultimate')
    ),
    CONSTRAINT pgp_keys_status_check CHECK (status IN ('active', 'suspended', 'revoked')),
    CONSTRAINT pgp_keys_revocation_check CHECK ((status = 'revoked') = (revoked_at IS NOT NULL)),
    CONSTRAINT pgp_keys_expires_at_check CHECK (expires_at > key_created_at),
    CONSTRAINT pgp_keys_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE integrity.pgp_keys IS 'Public OpenPGP keys by which signatures are verified, with their life cycle.';
COMMENT ON COLUMN integrity.pgp_keys.id IS 'Key of the row.';
COMMENT ON COLUMN integrity.pgp_keys.fingerprint IS
'Fingerprint in hexadecimal: 40 digits (version 4) or 64 (version 6, SHA-256).';
COMMENT ON COLUMN integrity.pgp_keys.key_id IS
'The 16 digits by which signatures name the key: the last ones of a version 4 fingerprint, the first of a version 6.';
COMMENT ON COLUMN integrity.pgp_keys.owner_id IS
'User it belongs to (auth.users), if any; no foreign key across schemas: services deploy on their own.';
COMMENT ON COLUMN integrity.pgp_keys.user_name IS 'Name in the primary user ID of the key.';
COMMENT ON COLUMN integrity.pgp_keys.email IS 'Address in the primary user ID of the key.';
COMMENT ON COLUMN integrity.pgp_keys.algorithm IS
'rsa-2048, rsa-3072, rsa-4096, ecdsa-p256, ecdsa-p384, ed25519 or ed448.';
COMMENT ON COLUMN integrity.pgp_keys.public_key IS 'The key, ASCII-armored. A private key is refused.';
COMMENT ON COLUMN integrity.pgp_keys.private_key_reference IS
'Where the private key is, such as the path in a vault; NULL for keys of others. Never the key itself.';
COMMENT ON COLUMN integrity.pgp_keys.trust_level IS 'unknown, never, marginal, full or ultimate, as OpenPGP has it.';
COMMENT ON COLUMN integrity.pgp_keys.status IS 'active, suspended or revoked. Expiry is no status: expires_at says it.';
COMMENT ON COLUMN integrity.pgp_keys.key_created_at IS 'When the key was made, by its own word.';
COMMENT ON COLUMN integrity.pgp_keys.expires_at IS 'Last moment of its validity; NULL for no end.';
COMMENT ON COLUMN integrity.pgp_keys.revoked_at IS 'When it was revoked.';
COMMENT ON COLUMN integrity.pgp_keys.created_at IS 'When the row was made.';
COMMENT ON COLUMN integrity.pgp_keys.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN integrity.pgp_keys.constitutional_hash IS 'Constitution under which the row was written.';
