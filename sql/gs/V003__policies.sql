-- Policies, one row per version.
--
-- A policy's life (draft to retired) is that of a version: version 3 is drafted while version 2 is in force. So each
-- version is a row with an id of its own, and what verified, decided on or enforced a policy names just that text. The
-- foreign key to the version before, on a computed column, makes a history without gaps: versions of a name count from
-- 1, and none in the middle can go. R__policy_versions.sql keeps a version as it is once it has left draft.

CREATE TABLE gs.policies (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    previous_version integer GENERATED ALWAYS AS (nullif(version - 1, 0)) STORED,
    title text NOT NULL DEFAULT '',
    category text NOT NULL DEFAULT 'general',
    status text NOT NULL DEFAULT 'draft',
    risk_level text NOT NULL DEFAULT 'medium',
    policy_language text NOT NULL DEFAULT 'rego',
    content text COMPRESSION lz4 NOT NULL,
    content_sha256 bytea NOT NULL,
    change_note text NOT NULL DEFAULT '',
    template_id uuid,
    synthesis_id uuid,
    principle_ids uuid [] NOT NULL DEFAULT '{}',
    constitutional_compliance_score numeric(3, 2),
    metadata jsonb NOT NULL DEFAULT '{}',
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    approved_by uuid,
    approved_at timestamptz,
    activated_at timestamptz,
    ended_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT policies_pkey PRIMARY KEY (id),
    CONSTRAINT policies_name_version_key UNIQUE (name, version),
    CONSTRAINT policies_previous_version_fkey FOREIGN KEY (name, previous_version)
    REFERENCES gs.policies (name, version),
    CONSTRAINT policies_template_id_fkey FOREIGN KEY (template_id) REFERENCES gs.policy_templates (id),
    CONSTRAINT policies_synthesis_id_fkey FOREIGN KEY (synthesis_id) REFERENCES gs.synthesis_history (id),
    -- One version of a policy is in force at most.
    CONSTRAINT policies_one_active_excl EXCLUDE (name WITH =) WHERE (status = 'active'),
    CONSTRAINT policies_name_check CHECK (name ~ '^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$'),
    CONSTRAINT policies_version_check CHECK (version > 0),
    CONSTRAINT policies_category_check CHECK (category ~ '^[a-z][a-z0-9_]{0,62}$'),
    CONSTRAINT policies_status_check CHECK (
        status IN ('draft', 'in_review', 'approved', 'active', 'superseded', 'retired', 'rejected')
    ),
    CONSTRAINT policies_risk_level_check CHECK (risk_level IN ('low', 'medium', 'high', 'critical')),
    CONSTRAINT policies_language_check CHECK (
        policy_language IN ('rego', 'datalog', 'smtlib2', 'json', 'natural_language')
    ),
    CONSTRAINT policies_content_check CHECK (content <> ''),
    CONSTRAINT policies_content_sha256_check CHECK (octet_length(content_sha256) = 32),
    CONSTRAINT policies_score_check CHECK (constitutional_compliance_score BETWEEN 0.00 AND 1.00),
    CONSTRAINT policies_metadata_check CHECK (jsonb_typeof(metadata) = 'object'),
    -- Nothing comes into force that nobody has approved.
    CONSTRAINT policies_approval_check CHECK (
        (approved_at IS NOT NULL) = (status IN ('approved', 'active', 'superseded', 'retired'))
        AND (approved_by IS NOT NULL) = (approved_at IS NOT NULL)
    ),
    CONSTRAINT policies_activated_at_check CHECK (
        CASE status
            WHEN 'active' THEN activated_at IS NOT NULL
            WHEN 'superseded' THEN activated_at IS NOT NULL
            WHEN 'retired' THEN true
            ELSE activated_at IS NULL
        END
    ),
    CONSTRAINT policies_ended_at_check CHECK (
        (ended_at IS NOT NULL) = (status IN ('superseded', 'retired', 'rejected'))
    ),
    CONSTRAINT policies_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE gs.policies IS
'Policies, one row per version: a changed text is a new row with the next version. Of each name one version is active '
'at most; gs.activate_policy() puts one into force. The history of a policy is its rows by version.';
COMMENT ON COLUMN gs.policies.id IS 'Key of this version: what other services call policy_id.';
COMMENT ON COLUMN gs.policies.name IS
'Name of the policy, the same for all its versions, such as acgs.privacy.retention. Cannot be changed.';
COMMENT ON COLUMN gs.policies.version IS
'Counts the versions of the policy, from 1 and without a gap. Cannot be changed.';
COMMENT ON COLUMN gs.policies.previous_version IS 'The version before; NULL for the first. Computed.';
COMMENT ON COLUMN gs.policies.title IS 'Name for people.';
COMMENT ON COLUMN gs.policies.category IS
'Kind of policy in lower case with underscores: access_control, privacy, safety and others.';
COMMENT ON COLUMN gs.policies.status IS
'draft, in_review, approved, active, then superseded (by another version, or active again), retired or rejected. '
'Only a draft can be edited or deleted.';
COMMENT ON COLUMN gs.policies.risk_level IS 'low, medium, high or critical.';
COMMENT ON COLUMN gs.policies.policy_language IS 'rego, datalog, smtlib2, json or natural_language.';
COMMENT ON COLUMN gs.policies.content IS 'The policy. Compressed by lz4.';
COMMENT ON COLUMN gs.policies.content_sha256 IS
'SHA-256 of the content in UTF-8, to recognise it elsewhere. Set by every write.';
COMMENT ON COLUMN gs.policies.change_note IS 'What this version changes and why, for people.';
COMMENT ON COLUMN gs.policies.template_id IS 'Version of the template it follows, if any.';
COMMENT ON COLUMN gs.policies.synthesis_id IS 'Generation it came out of; NULL when people wrote it.';
COMMENT ON COLUMN gs.policies.principle_ids IS
'Principles of ac.principles that it serves. No foreign keys: services deploy on their own.';
COMMENT ON COLUMN gs.policies.constitutional_compliance_score IS '0.00 to 1.00; NULL until assessed.';
COMMENT ON COLUMN gs.policies.metadata IS 'Object: anything else; can be changed at any time.';
COMMENT ON COLUMN gs.policies.created_by IS
'User of auth.users who drafted it; NULL for a service. No foreign key: the policy outlives the account.';
COMMENT ON COLUMN gs.policies.created_at IS 'When this version was drafted. Cannot be changed.';
COMMENT ON COLUMN gs.policies.approved_by IS
'User of auth.users who approved it; NULL until approved. No foreign key: the approval outlives the account.';
COMMENT ON COLUMN gs.policies.approved_at IS 'When it was approved. Set by the change of status if left out.';
COMMENT ON COLUMN gs.policies.activated_at IS
'When it last came into force; NULL before. Set by the change of status if left out.';
COMMENT ON COLUMN gs.policies.ended_at IS
'When it was superseded, retired or rejected; NULL before. Set by the change of status if left out.';
COMMENT ON COLUMN gs.policies.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN gs.policies.constitutional_hash IS 'Constitution under which this version was written.';
