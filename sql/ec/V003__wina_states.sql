-- What WINA (weight informed neuron activation: a model computes with the neurons that matter) has learned.

CREATE TABLE ec.wina_states (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    context_key text NOT NULL,
    model text NOT NULL,
    layer_name text NOT NULL,
    status text NOT NULL DEFAULT 'learning',
    sparsity numeric(3, 2) NOT NULL DEFAULT 0.00,
    gating_threshold double precision NOT NULL DEFAULT 0,
    gflops_reduction numeric(3, 2),
    accuracy_retention numeric(3, 2),
    accuracy_threshold numeric(3, 2) NOT NULL DEFAULT 0.95,
    observations bigint NOT NULL DEFAULT 0,
    state jsonb COMPRESSION lz4 NOT NULL DEFAULT '{}',
    constitutional_compliance_score numeric(3, 2),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT wina_states_pkey PRIMARY KEY (id),
    CONSTRAINT wina_states_context_model_layer_key UNIQUE (context_key, model, layer_name),
    CONSTRAINT wina_states_context_key_check CHECK (context_key <> ''),
    CONSTRAINT wina_states_model_check CHECK (model <> ''),
    CONSTRAINT wina_states_layer_name_check CHECK (layer_name <> ''),
    CONSTRAINT wina_states_status_check CHECK (status IN ('learning', 'active', 'frozen', 'disabled')),
    CONSTRAINT wina_states_sparsity_check CHECK (sparsity BETWEEN 0.00 AND 1.00),
    -- It may have become worse: below zero.
    CONSTRAINT wina_states_reduction_check CHECK (gflops_reduction <= 1.00),
    CONSTRAINT wina_states_accuracy_check CHECK (accuracy_retention BETWEEN 0.00 AND 1.00),
    CONSTRAINT wina_states_accuracy_threshold_check CHECK (accuracy_threshold BETWEEN 0.00 AND 1.00),
    CONSTRAINT wina_states_observations_check CHECK (observations >= 0),
    CONSTRAINT wina_states_state_check CHECK (jsonb_typeof(state) = 'object'),
    CONSTRAINT wina_states_score_check CHECK (constitutional_compliance_score BETWEEN 0.00 AND 1.00),
    CONSTRAINT wina_states_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE ec.wina_states IS
'State of WINA (weight informed neuron activation), one row per context, model and layer.';
COMMENT ON COLUMN ec.wina_states.id IS 'Key.';
COMMENT ON COLUMN ec.wina_states.context_key IS 'Situation for which it was learned, such as policy_synthesis.';
COMMENT ON COLUMN ec.wina_states.model IS 'Model with its version.';
COMMENT ON COLUMN ec.wina_states.layer_name IS 'Layer of the model; "all" for the whole.';
COMMENT ON COLUMN ec.wina_states.status IS 'learning, active, frozen (used, not changed) or disabled.';
COMMENT ON COLUMN ec.wina_states.sparsity IS 'Share of the neurons left out, 0.00 to 1.00.';
COMMENT ON COLUMN ec.wina_states.gating_threshold IS 'Weighted activation below which a neuron is left out.';
COMMENT ON COLUMN ec.wina_states.gflops_reduction IS 'Share of the GFLOPs saved, up to 1.00; below 0 for a loss.';
COMMENT ON COLUMN ec.wina_states.accuracy_retention IS 'Share of the accuracy kept, 0.00 to 1.00; NULL until measured.';
COMMENT ON COLUMN ec.wina_states.accuracy_threshold IS
'Share of the accuracy, 0.00 to 1.00, below which the state must not be used.';
COMMENT ON COLUMN ec.wina_states.observations IS 'Answers it was learned from.';
COMMENT ON COLUMN ec.wina_states.state IS 'Object: what only the algorithm needs. Compressed by lz4.';
COMMENT ON COLUMN ec.wina_states.constitutional_compliance_score IS
'Compliance of the answers, 0.00 to 1.00; NULL until assessed.';
COMMENT ON COLUMN ec.wina_states.created_at IS 'When the state was made.';
COMMENT ON COLUMN ec.wina_states.updated_at IS 'When the state was last changed. Set by every update.';
COMMENT ON COLUMN ec.wina_states.constitutional_hash IS 'Constitution under which the row was written.';
