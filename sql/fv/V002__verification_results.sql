-- What the solver found. About 500 rows a day: no need of partitions, and so an id alone is the key.

CREATE TABLE fv.verification_results (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    policy_id uuid NOT NULL,
    safety_property_id uuid,
    verification_rule_id uuid,
    verification_status text NOT NULL DEFAULT 'pending',
    solver text NOT NULL DEFAULT 'z3',
    solver_version text,
    solver_result text,
    input_sha256 bytea,
    counterexample jsonb COMPRESSION lz4,
    unsat_core jsonb COMPRESSION lz4,
    solver_statistics jsonb NOT NULL DEFAULT '{}',
    confidence_score numeric(3, 2),
    duration_ms double precision,
    error_message text,
    requested_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    completed_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT verification_results_pkey PRIMARY KEY (id),
    CONSTRAINT verification_results_safety_property_id_fkey FOREIGN KEY (safety_property_id)
    REFERENCES fv.safety_properties (id),
    CONSTRAINT verification_results_verification_rule_id_fkey FOREIGN KEY (verification_rule_id)
    REFERENCES fv.verification_rules (id),
    CONSTRAINT verification_results_status_check CHECK (
        verification_status IN ('pending', 'running', 'verified', 'violated', 'unknown', 'timed_out', 'failed')
    ),
    CONSTRAINT verification_results_solver_check CHECK (solver <> ''),
    CONSTRAINT verification_results_solver_result_check CHECK (solver_result IN ('sat', 'unsat', 'unknown')),
    -- The solver is asked for a case that breaks the property: unsat is the proof that there is none. COALESCE,
    -- because a check that comes to NULL passes.
    CONSTRAINT verification_results_verdict_check CHECK (
        CASE verification_status
            WHEN 'verified' THEN coalesce(solver_result = 'unsat', false)
            WHEN 'violated' THEN coalesce(solver_result = 'sat', false)
            WHEN 'unknown' THEN coalesce(solver_result = 'unknown', false)
            ELSE solver_result IS NULL
        END
    ),
    CONSTRAINT verification_results_input_sha256_check CHECK (octet_length(input_sha256) = 32),
    CONSTRAINT verification_results_counterexample_check CHECK (
        counterexample IS NULL OR (verification_status = 'violated' AND jsonb_typeof(counterexample) = 'object')
    ),
    CONSTRAINT verification_results_unsat_core_check CHECK (
        unsat_core IS NULL OR (verification_status = 'verified' AND jsonb_typeof(unsat_core) = 'array')
    ),
    CONSTRAINT verification_results_statistics_check CHECK (jsonb_typeof(solver_statistics) = 'object'),
    CONSTRAINT verification_results_confidence_check CHECK (confidence_score BETWEEN 0.00 AND 1.00),
    CONSTRAINT verification_results_duration_check CHECK (duration_ms >= 0),
    CONSTRAINT verification_results_completed_check CHECK (
        (completed_at IS NULL) = (verification_status IN ('pending', 'running'))
    ),
    CONSTRAINT verification_results_completed_at_check CHECK (completed_at >= started_at),
    CONSTRAINT verification_results_constitutional_hash_check CHECK (
        platform.is_constitutional_hash(constitutional_hash)
    )
);

COMMENT ON TABLE fv.verification_results IS
'Verifications of policies by the Z3 solver with their outcome. A repeated verification is a new row: the newest of '
'a policy counts.';
COMMENT ON COLUMN fv.verification_results.id IS 'Key.';
COMMENT ON COLUMN fv.verification_results.policy_id IS
'The version of a policy that was verified, gs.policies.id. No foreign key: services deploy on their own, and the '
'result outlives the policy.';
COMMENT ON COLUMN fv.verification_results.safety_property_id IS
'Property that was verified; NULL for the rules as a whole.';
COMMENT ON COLUMN fv.verification_results.verification_rule_id IS 'Version of the rules that were used, if any.';
COMMENT ON COLUMN fv.verification_results.verification_status IS
'pending, running, then verified, violated, unknown, timed_out or failed; the last five have completed_at.';
COMMENT ON COLUMN fv.verification_results.solver IS 'Solver that was asked.';
COMMENT ON COLUMN fv.verification_results.solver_version IS 'Its version: another one may answer otherwise.';
COMMENT ON COLUMN fv.verification_results.solver_result IS
'Answer to "is there a case that breaks the property": unsat (verified), sat (violated) or unknown; NULL before any.';
COMMENT ON COLUMN fv.verification_results.input_sha256 IS
'SHA-256 of the solver''s input: shows what was verified without keeping megabytes that can be made again.';
COMMENT ON COLUMN fv.verification_results.counterexample IS
'Object: the solver''s model of a violation. Compressed by lz4.';
COMMENT ON COLUMN fv.verification_results.unsat_core IS
'Array: the assertions that prove the property. Compressed by lz4.';
COMMENT ON COLUMN fv.verification_results.solver_statistics IS 'Object: conflicts, decisions, memory and the like.';
COMMENT ON COLUMN fv.verification_results.confidence_score IS
'Trust in the translation of the policy, 0.00 to 1.00; NULL when not assessed.';
COMMENT ON COLUMN fv.verification_results.duration_ms IS 'Time the solver took, in ms.';
COMMENT ON COLUMN fv.verification_results.error_message IS 'Why it failed or stays unknown.';
COMMENT ON COLUMN fv.verification_results.requested_by IS
'User of auth.users who asked for it; NULL for a service. No foreign key: the result outlives the account.';
COMMENT ON COLUMN fv.verification_results.created_at IS 'When the verification was asked for.';
COMMENT ON COLUMN fv.verification_results.started_at IS 'When the solver began.';
COMMENT ON COLUMN fv.verification_results.completed_at IS 'When the outcome was there.';
COMMENT ON COLUMN fv.verification_results.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN fv.verification_results.constitutional_hash IS 'Constitution against which it was verified.';
