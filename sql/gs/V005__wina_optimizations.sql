-- What WINA (weight informed neuron activation: a model computes with the neurons that matter) saved, at what loss.

CREATE TABLE gs.wina_optimizations (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    synthesis_id uuid,
    model text NOT NULL,
    status text NOT NULL DEFAULT 'pending',
    sparsity numeric(3, 2) NOT NULL,
    configuration jsonb NOT NULL DEFAULT '{}',
    gflops_before double precision,
    gflops_after double precision,
    gflops_reduction numeric(3, 2),
    accuracy_retention numeric(3, 2),
    required_accuracy numeric(3, 2) NOT NULL DEFAULT 0.95,
    latency_before_ms double precision,
    latency_after_ms double precision,
    constitutional_compliance_score numeric(3, 2),
    layer_results jsonb COMPRESSION lz4 NOT NULL DEFAULT '[]',
    error_message text,
    created_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT wina_optimizations_pkey PRIMARY KEY (id),
    CONSTRAINT wina_optimizations_synthesis_id_fkey FOREIGN KEY (synthesis_id) REFERENCES gs.synthesis_history (id),
    CONSTRAINT wina_optimizations_model_check CHECK (model <> ''),
    CONSTRAINT wina_optimizations_status_check CHECK (
        status IN ('pending', 'running', 'accepted', 'rejected', 'rolled_back', 'failed')
    ),
    CONSTRAINT wina_optimizations_sparsity_check CHECK (sparsity BETWEEN 0.00 AND 1.00),
    CONSTRAINT wina_optimizations_configuration_check CHECK (jsonb_typeof(configuration) = 'object'),
    CONSTRAINT wina_optimizations_gflops_check CHECK (gflops_before >= 0 AND gflops_after >= 0),
    -- It may have become worse: below zero.
    CONSTRAINT wina_optimizations_reduction_check CHECK (gflops_reduction <= 1.00),
    CONSTRAINT wina_optimizations_accuracy_check CHECK (accuracy_retention BETWEEN 0.00 AND 1.00),
    CONSTRAINT wina_optimizations_required_check CHECK (required_accuracy BETWEEN 0.00 AND 1.00),
    -- COALESCE, because a check that comes to NULL passes.
    CONSTRAINT wina_optimizations_accepted_check CHECK (
        status <> 'accepted' OR coalesce(accuracy_retention >= required_accuracy, false)
    ),
    CONSTRAINT wina_optimizations_latency_check CHECK (latency_before_ms >= 0 AND latency_after_ms >= 0),
    CONSTRAINT wina_optimizations_score_check CHECK (constitutional_compliance_score BETWEEN 0.00 AND 1.00),
    CONSTRAINT wina_optimizations_layer_results_check CHECK (jsonb_typeof(layer_results) = 'array'),
    CONSTRAINT wina_optimizations_completed_check CHECK (
        (completed_at IS NULL) = (status IN ('pending', 'running'))
    ),
    CONSTRAINT wina_optimizations_constitutional_hash_check CHECK (
        platform.is_constitutional_hash(constitutional_hash)
    )
);

COMMENT ON TABLE gs.wina_optimizations IS
'Results of WINA (weight informed neuron activation) on the models that synthesise: what was saved, what was lost.';
COMMENT ON COLUMN gs.wina_optimizations.id IS 'Key.';
COMMENT ON COLUMN gs.wina_optimizations.synthesis_id IS 'Generation during which it was tried, if any.';
COMMENT ON COLUMN gs.wina_optimizations.model IS 'Model that was optimised.';
COMMENT ON COLUMN gs.wina_optimizations.status IS
'pending, running, then accepted, rejected, rolled_back or failed; the last four have completed_at.';
COMMENT ON COLUMN gs.wina_optimizations.sparsity IS 'Share of the neurons left out, 0.00 to 1.00.';
COMMENT ON COLUMN gs.wina_optimizations.configuration IS 'Object: thresholds and layers it was run with.';
COMMENT ON COLUMN gs.wina_optimizations.gflops_before IS 'GFLOPs per answer without it.';
COMMENT ON COLUMN gs.wina_optimizations.gflops_after IS 'GFLOPs per answer with it.';
COMMENT ON COLUMN gs.wina_optimizations.gflops_reduction IS
'Share of the GFLOPs saved, up to 1.00; below 0 for a loss.';
COMMENT ON COLUMN gs.wina_optimizations.accuracy_retention IS 'Share of the accuracy kept, 0.00 to 1.00.';
COMMENT ON COLUMN gs.wina_optimizations.required_accuracy IS
'Share of the accuracy, 0.00 to 1.00, from which it may be accepted.';
COMMENT ON COLUMN gs.wina_optimizations.latency_before_ms IS 'Time per answer without it, in ms.';
COMMENT ON COLUMN gs.wina_optimizations.latency_after_ms IS 'Time per answer with it, in ms.';
COMMENT ON COLUMN gs.wina_optimizations.constitutional_compliance_score IS
'Compliance of the answers with it, 0.00 to 1.00; NULL until assessed.';
COMMENT ON COLUMN gs.wina_optimizations.layer_results IS 'Array: sparsity and loss by layer. Compressed by lz4.';
COMMENT ON COLUMN gs.wina_optimizations.error_message IS 'Why it failed.';
COMMENT ON COLUMN gs.wina_optimizations.created_at IS 'When it was asked for.';
COMMENT ON COLUMN gs.wina_optimizations.completed_at IS 'When the outcome was there.';
COMMENT ON COLUMN gs.wina_optimizations.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN gs.wina_optimizations.constitutional_hash IS 'Constitution under which the row was written.';
