-- X.509 certificates by which signatures are verified. No private key is ever stored in this database.

CREATE TABLE integrity.certificates (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    fingerprint text NOT NULL,
    serial_number text NOT NULL,
    subject_name text NOT NULL,
    issuer_name text NOT NULL,
    issuer_certificate_id uuid,
    is_authority boolean NOT NULL DEFAULT false,
    public_key_algorithm text NOT NULL,
    certificate_pem text COMPRESSION lz4 NOT NULL,
    owner_id uuid,
    not_before timestamptz NOT NULL,
    not_after timestamptz NOT NULL,
    status text NOT NULL DEFAULT 'active',
    revoked_at timestamptz,
    revocation_reason text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT certificates_pkey PRIMARY KEY (id),
    CONSTRAINT certificates_fingerprint_key UNIQUE (fingerprint),
    CONSTRAINT certificates_issuer_serial_key UNIQUE (issuer_name, serial_number),
    CONSTRAINT certificates_issuer_certificate_id_fkey FOREIGN KEY (issuer_certificate_id)
    REFERENCES integrity.certificates (id),
    CONSTRAINT certificates_fingerprint_check CHECK (fingerprint ~ '^[0-9a-f]{64}$'),
    CONSTRAINT certificates_serial_number_check CHECK (serial_number ~ '^[0-9a-f]{1,40}$'),
    CONSTRAINT certificates_public_key_algorithm_check CHECK (
        public_key_algorithm IN ('rsa-2048', 'rsa-3072', 'rsa-4096', 'ecdsa-p256', 'ecdsa-p384', 'ed25519')
    ),
    CONSTRAINT certificates_certificate_pem_check CHECK (
        starts_with(certificate_pem, '-----BEGIN CERTIFICATE-----') AND strpos(certificate_pem, 'PRIVATE KEY') = 0
    ),
    CONSTRAINT certificates_validity_check CHECK (not_before < not_after),
    CONSTRAINT certificates_status_check CHECK (status IN ('active', 'suspended', 'revoked')),
    CONSTRAINT certificates_revocation_check CHECK (
        (status = 'revoked') = (revoked_at IS NOT NULL AND revocation_reason IS NOT NULL)
    ),
    CONSTRAINT certificates_revocation_reason_check CHECK (
        revocation_reason IN (
            'unspecified', 'key_compromise', 'ca_compromise', 'affiliation_changed', 'superseded',
            'cessation_of_operation', 'privilege_withdrawn', 'aa_compromise'
        )
    ),
    CONSTRAINT certificates_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE integrity.certificates IS
'X.509 certificates by which signatures are verified, and those of their issuers. Public parts only.';
COMMENT ON COLUMN integrity.certificates.id IS 'Key.';
COMMENT ON COLUMN integrity.certificates.fingerprint IS 'SHA-256 of the certificate (DER), 64 hexadecimal digits.';
COMMENT ON COLUMN integrity.certificates.serial_number IS
'Serial number in hexadecimal (up to 20 bytes); unique among the certificates of one issuer.';
COMMENT ON COLUMN integrity.certificates.subject_name IS 'Distinguished name of the holder (RFC 4514).';
COMMENT ON COLUMN integrity.certificates.issuer_name IS 'Distinguished name of the issuer (RFC 4514).';
COMMENT ON COLUMN integrity.certificates.issuer_certificate_id IS
'Certificate of the issuer; NULL when it is not here, as above a root.';
COMMENT ON COLUMN integrity.certificates.is_authority IS 'Whether it may sign other certificates.';
COMMENT ON COLUMN integrity.certificates.public_key_algorithm IS
'rsa-2048, rsa-3072, rsa-4096, ecdsa-p256, ecdsa-p384 or ed25519.';
COMMENT ON COLUMN integrity.certificates.certificate_pem IS 'The certificate in PEM. A private key is refused.';
COMMENT ON COLUMN integrity.certificates.owner_id IS
'User it was issued to (auth.users), if any; no foreign key across schemas: services deploy on their own.';
COMMENT ON COLUMN integrity.certificates.not_before IS 'First moment of its validity.';
COMMENT ON COLUMN integrity.certificates.not_after IS 'Last moment of its validity.';
COMMENT ON COLUMN integrity.certificates.status IS
'active, suspended or revoked. Expiry is no status: not_after says it.';
COMMENT ON COLUMN integrity.certificates.revoked_at IS
'When it was revoked: signatures made before stay valid unless the key was compromised.';
COMMENT ON COLUMN integrity.certificates.revocation_reason IS 'Reason of the revocation, by its name in RFC 5280.';
COMMENT ON COLUMN integrity.certificates.created_at IS 'When the row was made.';
COMMENT ON COLUMN integrity.certificates.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN integrity.certificates.constitutional_hash IS 'Constitution under which the row was written.';
