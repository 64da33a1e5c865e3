-- What several models agreed on.

CREATE TABLE gs.multi_model_consensus (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    synthesis_id uuid NOT NULL,
    status text NOT NULL DEFAULT 'pending',
    strategy text NOT NULL DEFAULT 'weighted_vote',
    models text [] NOT NULL,
    votes jsonb COMPRESSION lz4 NOT NULL DEFAULT '[]',
    agreement_score numeric(3, 2),
    required_agreement numeric(3, 2) NOT NULL DEFAULT 0.80,
    selected_model text,
    selected_output_sha256 bytea,
    dissent text COMPRESSION lz4,
    duration_ms double precision,
    created_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT multi_model_consensus_pkey PRIMARY KEY (id),
    CONSTRAINT multi_model_consensus_synthesis_id_fkey FOREIGN KEY (synthesis_id)
    REFERENCES gs.synthesis_history (id),
    CONSTRAINT multi_model_consensus_status_check CHECK (
        status IN ('pending', 'reached', 'not_reached', 'escalated', 'failed')
    ),
    CONSTRAINT multi_model_consensus_strategy_check CHECK (
        strategy IN ('unanimous', 'majority', 'weighted_vote', 'confidence_weighted', 'best_of')
    ),
    CONSTRAINT multi_model_consensus_models_check CHECK (
        cardinality(models) >= 2 AND array_position(models, NULL) IS NULL
    ),
    CONSTRAINT multi_model_consensus_votes_check CHECK (jsonb_typeof(votes) = 'array'),
    CONSTRAINT multi_model_consensus_agreement_check CHECK (agreement_score BETWEEN 0.00 AND 1.00),
    CONSTRAINT multi_model_consensus_required_check CHECK (required_agreement BETWEEN 0.00 AND 1.00),
    -- COALESCE, because a check that comes to NULL passes.
    CONSTRAINT multi_model_consensus_reached_check CHECK (
        status <> 'reached' OR coalesce(agreement_score >= required_agreement, false)
    ),
    CONSTRAINT multi_model_consensus_selected_check CHECK (selected_model = ANY(models)),
    CONSTRAINT multi_model_consensus_output_sha256_check CHECK (octet_length(selected_output_sha256) = 32),
    CONSTRAINT multi_model_consensus_duration_check CHECK (duration_ms >= 0),
    CONSTRAINT multi_model_consensus_completed_check CHECK ((completed_at IS NULL) = (status = 'pending')),
    CONSTRAINT multi_model_consensus_constitutional_hash_check CHECK (
        platform.is_constitutional_hash(constitutional_hash)
    )
);

COMMENT ON TABLE gs.multi_model_consensus IS
'Rounds in which several models answered the same request, with their votes and what was chosen.';
COMMENT ON COLUMN gs.multi_model_consensus.id IS 'Key.';
COMMENT ON COLUMN gs.multi_model_consensus.synthesis_id IS 'Generation that the round is part of.';
COMMENT ON COLUMN gs.multi_model_consensus.status IS
'pending, then reached, not_reached, escalated (to people) or failed; the last four have completed_at.';
COMMENT ON COLUMN gs.multi_model_consensus.strategy IS
'unanimous, majority, weighted_vote, confidence_weighted or best_of.';
COMMENT ON COLUMN gs.multi_model_consensus.models IS 'The models asked, two or more.';
COMMENT ON COLUMN gs.multi_model_consensus.votes IS
'Array: each model''s vote with weight and reason; the answers themselves stand in llm_interactions. Compressed by '
'lz4.';
COMMENT ON COLUMN gs.multi_model_consensus.agreement_score IS 'Share of the weight that agrees, 0.00 to 1.00.';
COMMENT ON COLUMN gs.multi_model_consensus.required_agreement IS
'Agreement, 0.00 to 1.00, from which consensus is reached.';
COMMENT ON COLUMN gs.multi_model_consensus.selected_model IS 'Model whose answer was taken, if any.';
COMMENT ON COLUMN gs.multi_model_consensus.selected_output_sha256 IS
'SHA-256 of the answer taken, as in llm_interactions.response_sha256.';
COMMENT ON COLUMN gs.multi_model_consensus.dissent IS 'What the others objected. Compressed by lz4.';
COMMENT ON COLUMN gs.multi_model_consensus.duration_ms IS 'Time until the outcome, in ms.';
COMMENT ON COLUMN gs.multi_model_consensus.created_at IS 'When the round began.';
COMMENT ON COLUMN gs.multi_model_consensus.completed_at IS 'When the outcome was there.';
COMMENT ON COLUMN gs.multi_model_consensus.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN gs.multi_model_consensus.constitutional_hash IS 'Constitution under which the row was written.';
