-- Runs of the optimisers.

CREATE TABLE ec.optimization_history (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    algorithm_type text NOT NULL,
    objective text NOT NULL,
    direction text NOT NULL DEFAULT 'maximize',
    status text NOT NULL DEFAULT 'pending',
    target_service text,
    policy_id uuid,
    parameters jsonb NOT NULL DEFAULT '{}',
    search_space jsonb COMPRESSION lz4 NOT NULL DEFAULT '{}',
    random_seed bigint,
    initial_objective double precision,
    best_objective double precision,
    best_solution jsonb COMPRESSION lz4,
    iterations bigint NOT NULL DEFAULT 0,
    evaluations bigint NOT NULL DEFAULT 0,
    stop_reason text,
    constitutional_compliance_score numeric(3, 2),
    duration_ms double precision,
    error_message text,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    completed_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT optimization_history_pkey PRIMARY KEY (id),
    CONSTRAINT optimization_history_algorithm_type_check CHECK (
        algorithm_type IN (
            'genetic', 'evolution_strategy', 'differential_evolution', 'particle_swarm', 'simulated_annealing',
            'bayesian', 'bandit', 'wina'
        )
    ),
    CONSTRAINT optimization_history_objective_check CHECK (objective <> ''),
    CONSTRAINT optimization_history_direction_check CHECK (direction IN ('maximize', 'minimize')),
    CONSTRAINT optimization_history_status_check CHECK (
        status IN ('pending', 'running', 'completed', 'failed', 'cancelled')
    ),
    CONSTRAINT optimization_history_parameters_check CHECK (jsonb_typeof(parameters) = 'object'),
    CONSTRAINT optimization_history_search_space_check CHECK (jsonb_typeof(search_space) = 'object'),
    CONSTRAINT optimization_history_result_check CHECK (
        status <> 'completed' OR (best_objective IS NOT NULL AND best_solution IS NOT NULL)
    ),
    CONSTRAINT optimization_history_counts_check CHECK (iterations >= 0 AND evaluations >= 0),
    CONSTRAINT optimization_history_stop_reason_check CHECK (
        stop_reason IN ('converged', 'target_reached', 'budget_spent', 'timed_out', 'stopped')
    ),
    CONSTRAINT optimization_history_score_check CHECK (constitutional_compliance_score BETWEEN 0.00 AND 1.00),
    CONSTRAINT optimization_history_duration_check CHECK (duration_ms >= 0),
    CONSTRAINT optimization_history_completed_check CHECK (
        (completed_at IS NULL) = (status IN ('pending', 'running'))
    ),
    CONSTRAINT optimization_history_completed_at_check CHECK (completed_at >= started_at),
    CONSTRAINT optimization_history_constitutional_hash_check CHECK (
        platform.is_constitutional_hash(constitutional_hash)
    )
);

COMMENT ON TABLE ec.optimization_history IS
'Runs of optimisers: what was searched, with which algorithm, and the best that was found.';
COMMENT ON COLUMN ec.optimization_history.id IS 'Key.';
COMMENT ON COLUMN ec.optimization_history.algorithm_type IS
'genetic, evolution_strategy, differential_evolution, particle_swarm, simulated_annealing, bayesian, bandit or wina.';
COMMENT ON COLUMN ec.optimization_history.objective IS 'Name of what is optimised, such as policy_latency_ms.';
COMMENT ON COLUMN ec.optimization_history.direction IS 'maximize or minimize: which end of the objective is good.';
COMMENT ON COLUMN ec.optimization_history.status IS
'pending, running, then completed, failed or cancelled; the last three have completed_at.';
COMMENT ON COLUMN ec.optimization_history.target_service IS 'Service that is optimised, if any.';
COMMENT ON COLUMN ec.optimization_history.policy_id IS
'Version of a policy that is optimised, gs.policies.id, if any. No foreign key: services deploy on their own, and the '
'history outlives the policy.';
COMMENT ON COLUMN ec.optimization_history.parameters IS 'Object: parameters of the algorithm.';
COMMENT ON COLUMN ec.optimization_history.search_space IS 'Object: what may be varied, and how far. Compressed by lz4.';
COMMENT ON COLUMN ec.optimization_history.random_seed IS 'Seed with which the run can be repeated, if it can.';
COMMENT ON COLUMN ec.optimization_history.initial_objective IS 'Objective before the run, in its unit.';
COMMENT ON COLUMN ec.optimization_history.best_objective IS 'Best objective so far, in its unit.';
COMMENT ON COLUMN ec.optimization_history.best_solution IS 'The solution that reached it. Compressed by lz4.';
COMMENT ON COLUMN ec.optimization_history.iterations IS 'Iterations or generations done.';
COMMENT ON COLUMN ec.optimization_history.evaluations IS 'Solutions evaluated.';
COMMENT ON COLUMN ec.optimization_history.stop_reason IS
'converged, target_reached, budget_spent, timed_out or stopped; NULL while it runs.';
COMMENT ON COLUMN ec.optimization_history.constitutional_compliance_score IS
'Compliance of the best solution, 0.00 to 1.00; NULL until assessed.';
COMMENT ON COLUMN ec.optimization_history.duration_ms IS
'Time the run took in ms. The requirements want less than 10 s.';
COMMENT ON COLUMN ec.optimization_history.error_message IS 'Why it failed.';
COMMENT ON COLUMN ec.optimization_history.created_at IS 'When it was asked for.';
COMMENT ON COLUMN ec.optimization_history.started_at IS 'When it began.';
COMMENT ON COLUMN ec.optimization_history.completed_at IS 'When it ended.';
COMMENT ON COLUMN ec.optimization_history.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN ec.optimization_history.constitutional_hash IS 'Constitution under which the row was written.';
