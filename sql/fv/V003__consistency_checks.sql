-- Whether policies can hold together.

CREATE TABLE fv.consistency_checks (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    check_type text NOT NULL DEFAULT 'policy_set',
    policy_ids uuid [] NOT NULL,
    verification_rule_id uuid,
    status text NOT NULL DEFAULT 'pending',
    conflicts jsonb COMPRESSION lz4 NOT NULL DEFAULT '[]',
    consistency_score numeric(3, 2),
    duration_ms double precision,
    error_message text,
    created_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT consistency_checks_pkey PRIMARY KEY (id),
    CONSTRAINT consistency_checks_verification_rule_id_fkey FOREIGN KEY (verification_rule_id)
    REFERENCES fv.verification_rules (id),
    CONSTRAINT consistency_checks_type_check CHECK (
        check_type IN ('policy_pair', 'policy_set', 'policy_principle', 'temporal')
    ),
    CONSTRAINT consistency_checks_policy_ids_check CHECK (
        cardinality(policy_ids) > 0 AND array_position(policy_ids, NULL) IS NULL
    ),
    CONSTRAINT consistency_checks_status_check CHECK (
        status IN ('pending', 'running', 'consistent', 'inconsistent', 'unknown', 'failed')
    ),
    CONSTRAINT consistency_checks_conflicts_check CHECK (jsonb_typeof(conflicts) = 'array'),
    CONSTRAINT consistency_checks_verdict_check CHECK (
        CASE status WHEN 'inconsistent' THEN conflicts <> '[]' WHEN 'consistent' THEN conflicts = '[]' ELSE true END
    ),
    CONSTRAINT consistency_checks_score_check CHECK (consistency_score BETWEEN 0.00 AND 1.00),
    CONSTRAINT consistency_checks_duration_check CHECK (duration_ms >= 0),
    CONSTRAINT consistency_checks_completed_check CHECK (
        (completed_at IS NULL) = (status IN ('pending', 'running'))
    ),
    CONSTRAINT consistency_checks_constitutional_hash_check CHECK (
        platform.is_constitutional_hash(constitutional_hash)
    )
);

COMMENT ON TABLE fv.consistency_checks IS
'Checks whether a set of policies is free of contradictions, alone or together with the principles.';
COMMENT ON COLUMN fv.consistency_checks.id IS 'Key.';
COMMENT ON COLUMN fv.consistency_checks.check_type IS
'policy_pair, policy_set, policy_principle (policies against the constitution) or temporal (over time).';
COMMENT ON COLUMN fv.consistency_checks.policy_ids IS
'The versions of policies that were held against each other, gs.policies.id. No foreign keys: services deploy on '
'their own, and the check outlives the policies.';
COMMENT ON COLUMN fv.consistency_checks.verification_rule_id IS 'Version of the rules that were used, if any.';
COMMENT ON COLUMN fv.consistency_checks.status IS
'pending, running, then consistent, inconsistent, unknown or failed; the last four have completed_at.';
COMMENT ON COLUMN fv.consistency_checks.conflicts IS
'Array: each contradiction with the policies and rules in it; empty when consistent. Compressed by lz4.';
COMMENT ON COLUMN fv.consistency_checks.consistency_score IS '0.00 to 1.00; NULL until assessed.';
COMMENT ON COLUMN fv.consistency_checks.duration_ms IS 'Time the check took, in ms.';
COMMENT ON COLUMN fv.consistency_checks.error_message IS 'Why it failed or stays unknown.';
COMMENT ON COLUMN fv.consistency_checks.created_at IS 'When the check was asked for.';
COMMENT ON COLUMN fv.consistency_checks.completed_at IS 'When the outcome was there.';
COMMENT ON COLUMN fv.consistency_checks.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN fv.consistency_checks.constitutional_hash IS 'Constitution against which it was checked.';
