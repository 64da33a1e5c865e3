-- Policy bundles as the Open Policy Agent loads them.

CREATE TABLE pgc.opa_bundles (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    name text NOT NULL,
    revision text NOT NULL,
    status text NOT NULL DEFAULT 'building',
    bundle_hash text,
    size_bytes bigint,
    storage_location text,
    roots text [] NOT NULL DEFAULT '{""}',
    manifest jsonb NOT NULL DEFAULT '{}',
    signature_id uuid,
    policy_count integer NOT NULL DEFAULT 0,
    build_error text,
    built_at timestamptz,
    activated_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT opa_bundles_pkey PRIMARY KEY (id),
    CONSTRAINT opa_bundles_name_revision_key UNIQUE (name, revision),
    CONSTRAINT opa_bundles_name_check CHECK (name <> ''),
    CONSTRAINT opa_bundles_revision_check CHECK (revision <> ''),
    CONSTRAINT opa_bundles_status_check CHECK (status IN ('building', 'ready', 'active', 'superseded', 'failed')),
    CONSTRAINT opa_bundles_bundle_hash_check CHECK (bundle_hash ~ '^[0-9a-f]{64}$'),
    -- What agents may load must be there, and be what was built.
    CONSTRAINT opa_bundles_built_check CHECK (
        status IN ('building', 'failed') OR num_nulls(bundle_hash, storage_location, built_at) = 0
    ),
    CONSTRAINT opa_bundles_activated_check CHECK (status <> 'active' OR activated_at IS NOT NULL),
    CONSTRAINT opa_bundles_size_bytes_check CHECK (size_bytes >= 0),
    CONSTRAINT opa_bundles_policy_count_check CHECK (policy_count >= 0),
    CONSTRAINT opa_bundles_manifest_check CHECK (jsonb_typeof(manifest) = 'object'),
    CONSTRAINT opa_bundles_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE pgc.opa_bundles IS
'Policy bundles for the Open Policy Agent; the archives themselves are in object storage. One revision of a name is '
'active.';
COMMENT ON COLUMN pgc.opa_bundles.id IS 'Key.';
COMMENT ON COLUMN pgc.opa_bundles.name IS 'Name of the bundle, as agents are configured with it.';
COMMENT ON COLUMN pgc.opa_bundles.revision IS 'Revision in the manifest of the bundle, such as a commit.';
COMMENT ON COLUMN pgc.opa_bundles.status IS 'building, ready, active, superseded or failed.';
COMMENT ON COLUMN pgc.opa_bundles.bundle_hash IS 'SHA-256 of the archive, 64 hexadecimal digits; NULL until built.';
COMMENT ON COLUMN pgc.opa_bundles.size_bytes IS 'Size of the archive in bytes.';
COMMENT ON COLUMN pgc.opa_bundles.storage_location IS 'Where agents fetch the archive; NULL until built.';
COMMENT ON COLUMN pgc.opa_bundles.roots IS 'Paths of data and policy that the bundle owns; one empty path owns all.';
COMMENT ON COLUMN pgc.opa_bundles.manifest IS 'Object: manifest of the bundle.';
COMMENT ON COLUMN pgc.opa_bundles.signature_id IS
'Signature over bundle_hash (integrity.signatures); no foreign key across schemas: services deploy on their own.';
COMMENT ON COLUMN pgc.opa_bundles.policy_count IS 'Policies in the bundle.';
COMMENT ON COLUMN pgc.opa_bundles.build_error IS 'Why the build failed.';
COMMENT ON COLUMN pgc.opa_bundles.built_at IS 'When it was built.';
COMMENT ON COLUMN pgc.opa_bundles.activated_at IS 'When it was last made active.';
COMMENT ON COLUMN pgc.opa_bundles.created_at IS 'When the row was made.';
COMMENT ON COLUMN pgc.opa_bundles.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN pgc.opa_bundles.constitutional_hash IS 'Constitution under which the row was written.';
