-- What was found when a service or an improvement was held against the constitution.

CREATE TABLE dgm.constitutional_compliance_logs (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    "timestamp" timestamptz NOT NULL DEFAULT now(),
    assessed_at timestamptz NOT NULL DEFAULT now(),
    service_name text NOT NULL,
    improvement_id uuid,
    compliance_level text NOT NULL,
    compliance_score numeric(3, 2) NOT NULL,
    assessment_method text NOT NULL DEFAULT 'automated',
    assessed_by text,
    violations jsonb NOT NULL DEFAULT '[]',
    evidence jsonb NOT NULL DEFAULT '{}',
    remediation_recommendations jsonb NOT NULL DEFAULT '[]',
    review_status text NOT NULL DEFAULT 'not_required',
    reviewed_by text,
    reviewed_at timestamptz,
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT constitutional_compliance_logs_pkey PRIMARY KEY (id, "timestamp"),
    CONSTRAINT constitutional_compliance_logs_improvement_id_fkey FOREIGN KEY (improvement_id)
    REFERENCES dgm.improvements (improvement_id),
    CONSTRAINT compliance_logs_service_name_check CHECK (service_name <> ''),
    CONSTRAINT compliance_logs_level_check CHECK (
        compliance_level IN ('critical', 'violation', 'warning', 'compliant', 'exemplary')
    ),
    CONSTRAINT compliance_logs_score_check CHECK (compliance_score BETWEEN 0.00 AND 1.00),
    CONSTRAINT compliance_logs_method_check CHECK (assessment_method IN ('manual', 'automated', 'hybrid')),
    CONSTRAINT compliance_logs_violations_check CHECK (jsonb_typeof(violations) = 'array'),
    CONSTRAINT compliance_logs_remediation_check CHECK (jsonb_typeof(remediation_recommendations) = 'array'),
    CONSTRAINT compliance_logs_review_status_check CHECK (
        review_status IN ('not_required', 'pending', 'approved', 'rejected')
    ),
    CONSTRAINT compliance_logs_review_check CHECK (
        (review_status IN ('approved', 'rejected')) = (reviewed_at IS NOT NULL AND reviewed_by IS NOT NULL)
    ),
    CONSTRAINT compliance_logs_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
) PARTITION BY RANGE ("timestamp");

COMMENT ON TABLE dgm.constitutional_compliance_logs IS
'Assessments of compliance with the constitution, with their evidence and review. Partitioned by month of '
'"timestamp" (UTC).';
COMMENT ON COLUMN dgm.constitutional_compliance_logs.id IS 'Key, with "timestamp".';
COMMENT ON COLUMN dgm.constitutional_compliance_logs."timestamp" IS 'When it was logged; decides the partition.';
COMMENT ON COLUMN dgm.constitutional_compliance_logs.assessed_at IS 'When the assessment was made.';
COMMENT ON COLUMN dgm.constitutional_compliance_logs.service_name IS 'Service that was assessed.';
COMMENT ON COLUMN dgm.constitutional_compliance_logs.improvement_id IS 'Improvement that was assessed, if any.';
COMMENT ON COLUMN dgm.constitutional_compliance_logs.compliance_level IS
'From worst to best: critical, violation, warning, compliant, exemplary.';
COMMENT ON COLUMN dgm.constitutional_compliance_logs.compliance_score IS '0.00 (none) to 1.00 (full compliance).';
COMMENT ON COLUMN dgm.constitutional_compliance_logs.assessment_method IS 'manual, automated or hybrid.';
COMMENT ON COLUMN dgm.constitutional_compliance_logs.assessed_by IS 'Person or program that assessed.';
COMMENT ON COLUMN dgm.constitutional_compliance_logs.violations IS 'Array of violations found, searchable by @> and ?.';
COMMENT ON COLUMN dgm.constitutional_compliance_logs.evidence IS 'What the assessment rests on.';
COMMENT ON COLUMN dgm.constitutional_compliance_logs.remediation_recommendations IS 'Array of what should be done.';
COMMENT ON COLUMN dgm.constitutional_compliance_logs.review_status IS
'not_required, pending, approved or rejected; the last two need reviewer and time.';
COMMENT ON COLUMN dgm.constitutional_compliance_logs.reviewed_by IS 'Who reviewed the assessment.';
COMMENT ON COLUMN dgm.constitutional_compliance_logs.reviewed_at IS 'When it was reviewed.';
COMMENT ON COLUMN dgm.constitutional_compliance_logs.constitutional_hash IS
'Constitution against which it was assessed.';
