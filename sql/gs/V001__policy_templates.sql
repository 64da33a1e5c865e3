-- What policies are generated from.

CREATE TABLE gs.policy_templates (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    category text NOT NULL DEFAULT 'general',
    status text NOT NULL DEFAULT 'draft',
    description text NOT NULL DEFAULT '',
    policy_language text NOT NULL DEFAULT 'rego',
    template_body text COMPRESSION lz4 NOT NULL,
    prompt_template text COMPRESSION lz4,
    parameters jsonb NOT NULL DEFAULT '{}',
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT policy_templates_pkey PRIMARY KEY (id),
    CONSTRAINT policy_templates_name_version_key UNIQUE (name, version),
    CONSTRAINT policy_templates_name_check CHECK (name <> ''),
    CONSTRAINT policy_templates_version_check CHECK (version > 0),
    -- An open vocabulary, of one spelling: a new kind of policy needs no migration.
    CONSTRAINT policy_templates_category_check CHECK (category ~ '^[a-z][a-z0-9_]{0,62}$'),
    CONSTRAINT policy_templates_status_check CHECK (status IN ('draft', 'active', 'deprecated')),
    CONSTRAINT policy_templates_language_check CHECK (
        policy_language IN ('rego', 'datalog', 'smtlib2', 'json', 'natural_language')
    ),
    CONSTRAINT policy_templates_body_check CHECK (template_body <> ''),
    CONSTRAINT policy_templates_parameters_check CHECK (jsonb_typeof(parameters) = 'object'),
    CONSTRAINT policy_templates_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE gs.policy_templates IS
'Templates of policies. A changed template is a new version, so that a synthesis always names what it started from.';
COMMENT ON COLUMN gs.policy_templates.id IS 'Key of this version of the template.';
COMMENT ON COLUMN gs.policy_templates.name IS 'Name of the template, the same for all its versions.';
COMMENT ON COLUMN gs.policy_templates.version IS 'Counts the versions of the template, from 1.';
COMMENT ON COLUMN gs.policy_templates.category IS
'Kind of policy in lower case with underscores: access_control, privacy, safety and others.';
COMMENT ON COLUMN gs.policy_templates.status IS 'draft, active or deprecated.';
COMMENT ON COLUMN gs.policy_templates.description IS 'What the template is for.';
COMMENT ON COLUMN gs.policy_templates.policy_language IS 'rego, datalog, smtlib2, json or natural_language.';
COMMENT ON COLUMN gs.policy_templates.template_body IS 'The template with its placeholders. Compressed by lz4.';
COMMENT ON COLUMN gs.policy_templates.prompt_template IS
'What a model is asked, with placeholders; NULL when none is. Compressed by lz4.';
COMMENT ON COLUMN gs.policy_templates.parameters IS 'Object: JSON schema of the placeholders.';
COMMENT ON COLUMN gs.policy_templates.created_by IS
'User of auth.users who wrote it, if known. No foreign key: the template outlives the account.';
COMMENT ON COLUMN gs.policy_templates.created_at IS 'When this version was added.';
COMMENT ON COLUMN gs.policy_templates.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN gs.policy_templates.constitutional_hash IS 'Constitution under which the row was written.';
