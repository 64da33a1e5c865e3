-- What was held against which principle, and how it did. About 1,000 rows a day (requirements): that is no table to
-- partition, and ac.compliance_summary reads a week of it by an index.

CREATE TABLE ac.compliance_checks (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    principle_id uuid NOT NULL,
    target_type text,
    target_id text,
    compliance_score numeric(3, 2) NOT NULL,
    compliance_level text,
    assessment_method text NOT NULL DEFAULT 'automated',
    assessed_by text,
    violations jsonb NOT NULL DEFAULT '[]',
    evidence jsonb NOT NULL DEFAULT '{}',
    duration_ms integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT compliance_checks_pkey PRIMARY KEY (id),
    CONSTRAINT compliance_checks_principle_id_fkey FOREIGN KEY (principle_id) REFERENCES ac.principles (id),
    CONSTRAINT compliance_checks_target_type_check CHECK (target_type ~ '^[a-z][a-z0-9_.-]{0,62}$'),
    CONSTRAINT compliance_checks_target_check CHECK ((target_type IS NULL) = (target_id IS NULL)),
    CONSTRAINT compliance_checks_score_check CHECK (compliance_score BETWEEN 0.00 AND 1.00),
    CONSTRAINT compliance_checks_level_check CHECK (
        compliance_level IN ('critical', 'violation', 'warning', 'compliant', 'exemplary')
    ),
    CONSTRAINT compliance_checks_method_check CHECK (assessment_method IN ('manual', 'automated', 'hybrid')),
    CONSTRAINT compliance_checks_violations_check CHECK (jsonb_typeof(violations) = 'array'),
    CONSTRAINT compliance_checks_evidence_check CHECK (jsonb_typeof(evidence) = 'object'),
    CONSTRAINT compliance_checks_duration_ms_check CHECK (duration_ms >= 0),
    CONSTRAINT compliance_checks_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE ac.compliance_checks IS 'History of compliance checks: one row per principle and thing checked.';
COMMENT ON COLUMN ac.compliance_checks.id IS 'Key.';
COMMENT ON COLUMN ac.compliance_checks.principle_id IS 'Principle that was checked.';
COMMENT ON COLUMN ac.compliance_checks.target_type IS
'Kind of what was held against it, such as policy or improvement; NULL for the system as a whole.';
COMMENT ON COLUMN ac.compliance_checks.target_id IS
'Key of what was held against it. No foreign key: it belongs to another service''s schema.';
COMMENT ON COLUMN ac.compliance_checks.compliance_score IS '0.00 (none) to 1.00 (full compliance).';
COMMENT ON COLUMN ac.compliance_checks.compliance_level IS
'From worst to best: critical, violation, warning, compliant, exemplary; NULL when only a score was given.';
COMMENT ON COLUMN ac.compliance_checks.assessment_method IS 'manual, automated or hybrid.';
COMMENT ON COLUMN ac.compliance_checks.assessed_by IS 'Person or program that checked.';
COMMENT ON COLUMN ac.compliance_checks.violations IS 'Array of violations found.';
COMMENT ON COLUMN ac.compliance_checks.evidence IS 'Object: what the result rests on.';
COMMENT ON COLUMN ac.compliance_checks.duration_ms IS 'How long the check took, in ms.';
COMMENT ON COLUMN ac.compliance_checks.created_at IS 'When the check was made.';
COMMENT ON COLUMN ac.compliance_checks.constitutional_hash IS 'Constitution against which it was checked.';
