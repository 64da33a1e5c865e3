-- Settings of the service, with types that the server checks.

CREATE TABLE dgm.system_configurations (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    config_key text NOT NULL,
    category text NOT NULL,
    value_type text NOT NULL,
    config_value jsonb NOT NULL,
    description text NOT NULL DEFAULT '',
    is_sensitive boolean NOT NULL DEFAULT false,
    is_read_only boolean NOT NULL DEFAULT false,
    version integer NOT NULL DEFAULT 1,
    previous_value jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    updated_by text NOT NULL DEFAULT session_user,
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT system_configurations_pkey PRIMARY KEY (id),
    CONSTRAINT system_configurations_config_key_key UNIQUE (config_key),
    CONSTRAINT system_configurations_config_key_check CHECK (config_key ~ '^[a-z][a-z0-9_.]*$'),
    CONSTRAINT system_configurations_category_check CHECK (category ~ '^[a-z][a-z0-9_]*$'),
    CONSTRAINT system_configurations_value_type_check CHECK (
        value_type IN ('string', 'integer', 'float', 'boolean', 'json')
    ),
    CONSTRAINT system_configurations_config_value_check CHECK (
        CASE value_type
            WHEN 'json' THEN true
            WHEN 'float' THEN jsonb_typeof(config_value) = 'number'
            WHEN 'integer' THEN
                jsonb_typeof(config_value) = 'number' AND trunc((config_value #>> '{}')::numeric)
                = (config_value #>> '{}')::numeric
            ELSE jsonb_typeof(config_value) = value_type
        END
    ),
    CONSTRAINT system_configurations_version_check CHECK (version > 0),
    CONSTRAINT system_configurations_constitutional_hash_check CHECK (
        platform.is_constitutional_hash(constitutional_hash)
    )
);

COMMENT ON TABLE dgm.system_configurations IS
'Settings of the DGM service by key. Changes count up the version and keep the value before. Who may see sensitive '
'settings is a matter of row-level security.';
COMMENT ON COLUMN dgm.system_configurations.id IS 'Key.';
COMMENT ON COLUMN dgm.system_configurations.config_key IS 'Name of the setting, such as slow_query_threshold_ms.';
COMMENT ON COLUMN dgm.system_configurations.category IS 'Group of settings, such as monitoring.';
COMMENT ON COLUMN dgm.system_configurations.value_type IS
'string, integer, float, boolean or json: what config_value must be.';
COMMENT ON COLUMN dgm.system_configurations.config_value IS 'The value as JSON of the type given; its unit is in the key.';
COMMENT ON COLUMN dgm.system_configurations.description IS 'What the setting does.';
COMMENT ON COLUMN dgm.system_configurations.is_sensitive IS
'Whether only dgm_service sees the row. Stored as it comes: encrypt in the application what a backup must not hold.';
COMMENT ON COLUMN dgm.system_configurations.is_read_only IS
'While true the setting can neither be changed nor deleted; only acgs_owner can end it, by an update that changes '
'nothing else.';
COMMENT ON COLUMN dgm.system_configurations.version IS 'Counts the changes of the value, from 1. Set by every update.';
COMMENT ON COLUMN dgm.system_configurations.previous_value IS
'Value before the last change; NULL before any, and always for a sensitive setting.';
COMMENT ON COLUMN dgm.system_configurations.created_at IS 'When the setting was made.';
COMMENT ON COLUMN dgm.system_configurations.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN dgm.system_configurations.updated_by IS 'Login that made the last change. Set by every update.';
COMMENT ON COLUMN dgm.system_configurations.constitutional_hash IS 'Constitution under which the row was written.';

-- Sensitive rows are for the service alone: all others, also those who may read every table, do not see them.
ALTER TABLE dgm.system_configurations ENABLE ROW LEVEL SECURITY;
CREATE POLICY service_sees_all ON dgm.system_configurations TO dgm_service USING (true) WITH CHECK (true);
CREATE POLICY others_see_what_is_not_sensitive ON dgm.system_configurations TO acgs_reader, acgs_writer
USING (NOT is_sensitive) WITH CHECK (NOT is_sensitive);

