-- What policies are verified against: the properties, and the sets of rules that say how each is put to the solver.

CREATE TABLE fv.safety_properties (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    name text NOT NULL,
    property_type text NOT NULL DEFAULT 'safety',
    description text NOT NULL DEFAULT '',
    formal_specification text COMPRESSION lz4 NOT NULL,
    specification_language text NOT NULL DEFAULT 'smtlib2',
    severity text NOT NULL DEFAULT 'high',
    priority integer NOT NULL DEFAULT 100,
    is_active boolean NOT NULL DEFAULT true,
    principle_id uuid,
    created_by uuid,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT safety_properties_pkey PRIMARY KEY (id),
    CONSTRAINT safety_properties_name_key UNIQUE (name),
    CONSTRAINT safety_properties_name_check CHECK (name <> ''),
    CONSTRAINT safety_properties_type_check CHECK (
        property_type IN ('safety', 'liveness', 'invariant', 'security', 'fairness')
    ),
    CONSTRAINT safety_properties_specification_check CHECK (formal_specification <> ''),
    CONSTRAINT safety_properties_language_check CHECK (
        specification_language IN ('smtlib2', 'first_order_logic', 'ltl', 'ctl')
    ),
    CONSTRAINT safety_properties_severity_check CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    CONSTRAINT safety_properties_priority_check CHECK (priority BETWEEN 1 AND 1000),
    CONSTRAINT safety_properties_metadata_check CHECK (jsonb_typeof(metadata) = 'object'),
    CONSTRAINT safety_properties_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE fv.safety_properties IS
'Properties that every policy in force must have, in the language of the solver. One that results name cannot be '
'deleted: set is_active to false.';
COMMENT ON COLUMN fv.safety_properties.id IS 'Key.';
COMMENT ON COLUMN fv.safety_properties.name IS 'Name of the property; occurs once.';
COMMENT ON COLUMN fv.safety_properties.property_type IS 'safety, liveness, invariant, security or fairness.';
COMMENT ON COLUMN fv.safety_properties.description IS 'What the property demands, for people.';
COMMENT ON COLUMN fv.safety_properties.formal_specification IS 'The property as a formula. Compressed by lz4.';
COMMENT ON COLUMN fv.safety_properties.specification_language IS 'smtlib2, first_order_logic, ltl or ctl.';
COMMENT ON COLUMN fv.safety_properties.severity IS 'What a violation weighs: low, medium, high or critical.';
COMMENT ON COLUMN fv.safety_properties.priority IS 'Order in which properties are verified: 1 first, 1000 last.';
COMMENT ON COLUMN fv.safety_properties.is_active IS 'Whether policies are verified against it now.';
COMMENT ON COLUMN fv.safety_properties.principle_id IS
'Principle of ac.principles that it makes formal, if any. No foreign key: services deploy on their own.';
COMMENT ON COLUMN fv.safety_properties.created_by IS
'User of auth.users who wrote it, if known. No foreign key: the property outlives the account.';
COMMENT ON COLUMN fv.safety_properties.metadata IS 'Object: anything else.';
COMMENT ON COLUMN fv.safety_properties.created_at IS 'When the property was added.';
COMMENT ON COLUMN fv.safety_properties.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN fv.safety_properties.constitutional_hash IS 'Constitution under which the row was written.';

CREATE TABLE fv.verification_rules (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    safety_property_id uuid,
    description text NOT NULL DEFAULT '',
    rule_set text COMPRESSION lz4 NOT NULL,
    rule_language text NOT NULL DEFAULT 'smtlib2',
    solver_options jsonb NOT NULL DEFAULT '{}',
    solver_timeout_ms integer NOT NULL DEFAULT 5000,
    status text NOT NULL DEFAULT 'draft',
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT verification_rules_pkey PRIMARY KEY (id),
    CONSTRAINT verification_rules_name_version_key UNIQUE (name, version),
    CONSTRAINT verification_rules_safety_property_id_fkey FOREIGN KEY (safety_property_id)
    REFERENCES fv.safety_properties (id),
    CONSTRAINT verification_rules_name_check CHECK (name <> ''),
    CONSTRAINT verification_rules_version_check CHECK (version > 0),
    CONSTRAINT verification_rules_rule_set_check CHECK (rule_set <> ''),
    CONSTRAINT verification_rules_language_check CHECK (rule_language IN ('smtlib2', 'datalog', 'rego')),
    CONSTRAINT verification_rules_solver_options_check CHECK (jsonb_typeof(solver_options) = 'object'),
    CONSTRAINT verification_rules_solver_timeout_check CHECK (solver_timeout_ms BETWEEN 1 AND 3600000),
    CONSTRAINT verification_rules_status_check CHECK (status IN ('draft', 'active', 'deprecated')),
    CONSTRAINT verification_rules_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE fv.verification_rules IS
'Sets of rules by which a policy is translated for the solver and verified. A changed set is a new version, so that '
'a result always names the rules it came from.';
COMMENT ON COLUMN fv.verification_rules.id IS 'Key of this version of the set.';
COMMENT ON COLUMN fv.verification_rules.name IS 'Name of the set, the same for all its versions.';
COMMENT ON COLUMN fv.verification_rules.version IS 'Counts the versions of the set, from 1.';
COMMENT ON COLUMN fv.verification_rules.safety_property_id IS 'Property that the set verifies; NULL for a general one.';
COMMENT ON COLUMN fv.verification_rules.description IS 'What the set does, for people.';
COMMENT ON COLUMN fv.verification_rules.rule_set IS 'The rules. Compressed by lz4.';
COMMENT ON COLUMN fv.verification_rules.rule_language IS 'smtlib2, datalog or rego.';
COMMENT ON COLUMN fv.verification_rules.solver_options IS 'Object: options of the solver, such as its tactic.';
COMMENT ON COLUMN fv.verification_rules.solver_timeout_ms IS
'Time in ms after which the solver gives up. The requirements want an answer within 5 s.';
COMMENT ON COLUMN fv.verification_rules.status IS 'draft, active or deprecated.';
COMMENT ON COLUMN fv.verification_rules.created_by IS
'User of auth.users who wrote it, if known. No foreign key: the rules outlive the account.';
COMMENT ON COLUMN fv.verification_rules.created_at IS 'When this version was added.';
COMMENT ON COLUMN fv.verification_rules.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN fv.verification_rules.constitutional_hash IS 'Constitution under which the row was written.';
