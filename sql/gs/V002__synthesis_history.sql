-- Each generation of a policy.
--
-- The largest table of gs (400 MB in the requirements), and not partitioned: it is large by its texts, not by its rows
-- (at most 2,000 a day), and policies, consensus and optimisations reference single rows, which in a partitioned
-- table they could only together with the time. Its texts are compressed out of line, so queries that do not ask for
-- them read small rows. It shows where a policy comes from and is kept as long as the policy.

CREATE TABLE gs.synthesis_history (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    user_id uuid,
    template_id uuid,
    status text NOT NULL DEFAULT 'queued',
    strategy text NOT NULL DEFAULT 'standard',
    risk_level text NOT NULL DEFAULT 'medium',
    request text COMPRESSION lz4 NOT NULL,
    request_parameters jsonb NOT NULL DEFAULT '{}',
    principle_ids uuid [] NOT NULL DEFAULT '{}',
    generated_policy text COMPRESSION lz4,
    explanation text COMPRESSION lz4,
    constitutional_compliance_score numeric(3, 2),
    confidence_score numeric(3, 2),
    validation_results jsonb COMPRESSION lz4 NOT NULL DEFAULT '{}',
    duration_ms double precision,
    error_message text,
    created_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT synthesis_history_pkey PRIMARY KEY (id),
    CONSTRAINT synthesis_history_template_id_fkey FOREIGN KEY (template_id) REFERENCES gs.policy_templates (id),
    CONSTRAINT synthesis_history_status_check CHECK (
        status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')
    ),
    CONSTRAINT synthesis_history_strategy_check CHECK (
        strategy IN ('standard', 'enhanced_validation', 'multi_model_consensus', 'human_review')
    ),
    CONSTRAINT synthesis_history_risk_level_check CHECK (risk_level IN ('low', 'medium', 'high', 'critical')),
    CONSTRAINT synthesis_history_request_check CHECK (request <> ''),
    CONSTRAINT synthesis_history_request_parameters_check CHECK (jsonb_typeof(request_parameters) = 'object'),
    CONSTRAINT synthesis_history_result_check CHECK (status <> 'succeeded' OR generated_policy IS NOT NULL),
    CONSTRAINT synthesis_history_score_check CHECK (constitutional_compliance_score BETWEEN 0.00 AND 1.00),
    CONSTRAINT synthesis_history_confidence_check CHECK (confidence_score BETWEEN 0.00 AND 1.00),
    CONSTRAINT synthesis_history_validation_check CHECK (jsonb_typeof(validation_results) = 'object'),
    CONSTRAINT synthesis_history_duration_check CHECK (duration_ms >= 0),
    CONSTRAINT synthesis_history_completed_check CHECK (
        (completed_at IS NULL) = (status IN ('queued', 'running'))
    ),
    CONSTRAINT synthesis_history_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE gs.synthesis_history IS 'Generations of policies: what was asked for, how it was made, what came out.';
COMMENT ON COLUMN gs.synthesis_history.id IS 'Key.';
COMMENT ON COLUMN gs.synthesis_history.user_id IS
'User of auth.users who asked for it; NULL for a service. No foreign key: services deploy on their own, and the '
'history outlives the account.';
COMMENT ON COLUMN gs.synthesis_history.template_id IS 'Version of the template it started from, if any.';
COMMENT ON COLUMN gs.synthesis_history.status IS
'queued, running, then succeeded, failed or cancelled; the last three have completed_at.';
COMMENT ON COLUMN gs.synthesis_history.strategy IS
'standard, enhanced_validation, multi_model_consensus or human_review: the higher the risk, the later in this list.';
COMMENT ON COLUMN gs.synthesis_history.risk_level IS 'low, medium, high or critical.';
COMMENT ON COLUMN gs.synthesis_history.request IS 'What the policy shall govern. Compressed by lz4.';
COMMENT ON COLUMN gs.synthesis_history.request_parameters IS 'Object: values of the template''s placeholders.';
COMMENT ON COLUMN gs.synthesis_history.principle_ids IS
'Principles of ac.principles that the policy shall follow. No foreign keys: services deploy on their own.';
COMMENT ON COLUMN gs.synthesis_history.generated_policy IS 'The policy that came out. Compressed by lz4.';
COMMENT ON COLUMN gs.synthesis_history.explanation IS 'Why the policy is as it is. Compressed by lz4.';
COMMENT ON COLUMN gs.synthesis_history.constitutional_compliance_score IS '0.00 to 1.00; NULL until assessed.';
COMMENT ON COLUMN gs.synthesis_history.confidence_score IS 'Trust in the result, 0.00 to 1.00; NULL until assessed.';
COMMENT ON COLUMN gs.synthesis_history.validation_results IS 'Object: what the validations said. Compressed by lz4.';
COMMENT ON COLUMN gs.synthesis_history.duration_ms IS 'Time it took in ms. The requirements want less than 2 s.';
COMMENT ON COLUMN gs.synthesis_history.error_message IS 'Why it failed.';
COMMENT ON COLUMN gs.synthesis_history.created_at IS 'When it was asked for.';
COMMENT ON COLUMN gs.synthesis_history.completed_at IS 'When it ended.';
COMMENT ON COLUMN gs.synthesis_history.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN gs.synthesis_history.constitutional_hash IS 'Constitution under which the row was written.';
