-- The policies in force, and the rules that they are made of: few rows, read by every decision.

CREATE TABLE pgc.active_policies (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    policy_id uuid NOT NULL,
    name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    status text NOT NULL DEFAULT 'active',
    priority integer NOT NULL DEFAULT 100,
    scope text NOT NULL DEFAULT 'global',
    enforcement_mode text NOT NULL DEFAULT 'enforce',
    bundle_id uuid,
    package_path text NOT NULL,
    policy_hash text NOT NULL,
    parameters jsonb NOT NULL DEFAULT '{}',
    constitutional_compliance_score numeric(3, 2),
    effective_from timestamptz NOT NULL DEFAULT now(),
    effective_until timestamptz,
    activated_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT active_policies_pkey PRIMARY KEY (id),
    CONSTRAINT active_policies_policy_id_key UNIQUE (policy_id),
    CONSTRAINT active_policies_bundle_id_fkey FOREIGN KEY (bundle_id) REFERENCES pgc.opa_bundles (id),
    CONSTRAINT active_policies_name_check CHECK (name <> ''),
    CONSTRAINT active_policies_version_check CHECK (version > 0),
    CONSTRAINT active_policies_status_check CHECK (status IN ('active', 'suspended', 'superseded', 'retired')),
    CONSTRAINT active_policies_priority_check CHECK (priority BETWEEN 0 AND 1000),
    CONSTRAINT active_policies_scope_check CHECK (scope ~ '^[a-z][a-z0-9_.:-]{0,62}$'),
    CONSTRAINT active_policies_enforcement_mode_check CHECK (enforcement_mode IN ('enforce', 'warn', 'shadow')),
    CONSTRAINT active_policies_package_path_check CHECK (package_path ~ '^[a-zA-Z_][a-zA-Z0-9_]*([./][a-zA-Z0-9_]+)*$'),
    CONSTRAINT active_policies_policy_hash_check CHECK (policy_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT active_policies_parameters_check CHECK (jsonb_typeof(parameters) = 'object'),
    CONSTRAINT active_policies_score_check CHECK (constitutional_compliance_score BETWEEN 0.00 AND 1.00),
    CONSTRAINT active_policies_effective_check CHECK (effective_until > effective_from),
    CONSTRAINT active_policies_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE pgc.active_policies IS
'Policies that are enforced, or were until lately: one row per policy, in its version in force.';
COMMENT ON COLUMN pgc.active_policies.id IS 'Key of the row.';
COMMENT ON COLUMN pgc.active_policies.policy_id IS
'The policy (gs.policies); no foreign key across schemas: services deploy on their own. Decisions, logs and rules '
'name it.';
COMMENT ON COLUMN pgc.active_policies.name IS 'Name for people.';
COMMENT ON COLUMN pgc.active_policies.version IS 'Version in force, from 1.';
COMMENT ON COLUMN pgc.active_policies.status IS 'active, suspended, superseded or retired.';
COMMENT ON COLUMN pgc.active_policies.priority IS 'Which policy wins: 0 to 1000, the higher one first.';
COMMENT ON COLUMN pgc.active_policies.scope IS 'Where it applies, such as global or service:gs.';
COMMENT ON COLUMN pgc.active_policies.enforcement_mode IS
'enforce, warn (allow and log) or shadow (evaluate only, to see what it would do).';
COMMENT ON COLUMN pgc.active_policies.bundle_id IS 'Bundle that carries it; NULL until it is in one.';
COMMENT ON COLUMN pgc.active_policies.package_path IS 'Rego package, such as acgs.governance.access.';
COMMENT ON COLUMN pgc.active_policies.policy_hash IS 'SHA-256 of the policy''s text, 64 hexadecimal digits.';
COMMENT ON COLUMN pgc.active_policies.parameters IS 'Object: values that the policy reads as data.';
COMMENT ON COLUMN pgc.active_policies.constitutional_compliance_score IS
'0.00 (none) to 1.00 (full compliance); NULL until assessed.';
COMMENT ON COLUMN pgc.active_policies.effective_from IS 'From when it applies.';
COMMENT ON COLUMN pgc.active_policies.effective_until IS 'Until when it applies; NULL for no end.';
COMMENT ON COLUMN pgc.active_policies.activated_by IS
'User who put it in force (auth.users); no foreign key across schemas.';
COMMENT ON COLUMN pgc.active_policies.created_at IS 'When the row was made.';
COMMENT ON COLUMN pgc.active_policies.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN pgc.active_policies.constitutional_hash IS 'Constitution under which the row was written.';

CREATE TABLE pgc.policy_rules (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    policy_id uuid NOT NULL,
    name text NOT NULL,
    description text,
    rule_type text NOT NULL DEFAULT 'permission',
    effect text NOT NULL,
    resource_type text NOT NULL DEFAULT '*',
    action text NOT NULL DEFAULT '*',
    priority integer NOT NULL DEFAULT 100,
    is_active boolean NOT NULL DEFAULT true,
    condition jsonb NOT NULL DEFAULT '{}',
    rego text COMPRESSION lz4,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT policy_rules_pkey PRIMARY KEY (id),
    CONSTRAINT policy_rules_policy_name_key UNIQUE (policy_id, name),
    CONSTRAINT policy_rules_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES pgc.active_policies (policy_id),
    CONSTRAINT policy_rules_name_check CHECK (name <> ''),
    CONSTRAINT policy_rules_rule_type_check CHECK (
        rule_type IN ('permission', 'prohibition', 'obligation', 'constraint')
    ),
    CONSTRAINT policy_rules_effect_check CHECK (effect IN ('allow', 'deny', 'require_review', 'log')),
    CONSTRAINT policy_rules_resource_check CHECK (resource_type <> '' AND action <> ''),
    CONSTRAINT policy_rules_priority_check CHECK (priority BETWEEN 0 AND 1000),
    CONSTRAINT policy_rules_condition_check CHECK (jsonb_typeof(condition) = 'object'),
    CONSTRAINT policy_rules_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE pgc.policy_rules IS
'Rules of the policies in force, in a form that is looked up by what they apply to.';
COMMENT ON COLUMN pgc.policy_rules.id IS 'Key.';
COMMENT ON COLUMN pgc.policy_rules.policy_id IS 'Policy that it belongs to.';
COMMENT ON COLUMN pgc.policy_rules.name IS 'Name, unique within the policy.';
COMMENT ON COLUMN pgc.policy_rules.description IS 'What it is for, for people.';
COMMENT ON COLUMN pgc.policy_rules.rule_type IS 'permission, prohibition, obligation or constraint.';
COMMENT ON COLUMN pgc.policy_rules.effect IS 'What follows when it applies: allow, deny, require_review or log.';
COMMENT ON COLUMN pgc.policy_rules.resource_type IS 'Kind of resource it applies to; * for all.';
COMMENT ON COLUMN pgc.policy_rules.action IS 'Action it applies to; * for all.';
COMMENT ON COLUMN pgc.policy_rules.priority IS 'Which rule wins: 0 to 1000, the higher one first.';
COMMENT ON COLUMN pgc.policy_rules.is_active IS 'Whether it applies. Decisions look at active rules only.';
COMMENT ON COLUMN pgc.policy_rules.condition IS 'Object: further conditions on subject, resource and context.';
COMMENT ON COLUMN pgc.policy_rules.rego IS 'Its text in Rego, where the condition does not say it all.';
COMMENT ON COLUMN pgc.policy_rules.created_at IS 'When the row was made.';
COMMENT ON COLUMN pgc.policy_rules.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN pgc.policy_rules.constitutional_hash IS 'Constitution under which the row was written.';
