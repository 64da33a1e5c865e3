-- What the conservative bandits have learned: one row per context, arm and algorithm.

CREATE TABLE dgm.bandit_states (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    context_key text NOT NULL,
    arm_id text NOT NULL,
    algorithm_type text NOT NULL,
    pulls bigint NOT NULL DEFAULT 0,
    total_reward double precision NOT NULL DEFAULT 0,
    average_reward double precision NOT NULL DEFAULT 0,
    exploration_rate numeric(3, 2) NOT NULL DEFAULT 0.10,
    safety_threshold numeric(3, 2) NOT NULL DEFAULT 0.95,
    risk_tolerance numeric(3, 2) NOT NULL DEFAULT 0.05,
    parameters jsonb NOT NULL DEFAULT '{}',
    exploration_history jsonb NOT NULL DEFAULT '[]',
    constitutional_compliance_score numeric(3, 2),
    created_at timestamptz NOT NULL DEFAULT now(),
    last_updated timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT bandit_states_pkey PRIMARY KEY (id),
    CONSTRAINT bandit_states_context_arm_algorithm_key UNIQUE (context_key, arm_id, algorithm_type),
    CONSTRAINT bandit_states_algorithm_type_check CHECK (
        algorithm_type IN ('epsilon_greedy', 'ucb1', 'thompson_sampling')
    ),
    CONSTRAINT bandit_states_pulls_check CHECK (pulls >= 0),
    CONSTRAINT bandit_states_exploration_rate_check CHECK (exploration_rate BETWEEN 0.00 AND 1.00),
    CONSTRAINT bandit_states_safety_threshold_check CHECK (safety_threshold BETWEEN 0.00 AND 1.00),
    CONSTRAINT bandit_states_risk_tolerance_check CHECK (risk_tolerance BETWEEN 0.00 AND 1.00),
    CONSTRAINT bandit_states_score_check CHECK (constitutional_compliance_score BETWEEN 0.00 AND 1.00),
    CONSTRAINT bandit_states_parameters_check CHECK (jsonb_typeof(parameters) = 'object'),
    CONSTRAINT bandit_states_exploration_history_check CHECK (jsonb_typeof(exploration_history) = 'array'),
    CONSTRAINT bandit_states_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE dgm.bandit_states IS 'State of the bandit algorithms that choose which improvement is tried next.';
COMMENT ON COLUMN dgm.bandit_states.id IS 'Key; metrics name the state that led to them by it.';
COMMENT ON COLUMN dgm.bandit_states.context_key IS 'Situation for which the arm is chosen, such as a service.';
COMMENT ON COLUMN dgm.bandit_states.arm_id IS 'The choice.';
COMMENT ON COLUMN dgm.bandit_states.algorithm_type IS 'epsilon_greedy, ucb1 or thompson_sampling.';
COMMENT ON COLUMN dgm.bandit_states.pulls IS 'How often the arm was chosen.';
COMMENT ON COLUMN dgm.bandit_states.total_reward IS 'Sum of rewards, in the unit of the algorithm.';
COMMENT ON COLUMN dgm.bandit_states.average_reward IS 'Mean reward per pull, kept by the service.';
COMMENT ON COLUMN dgm.bandit_states.exploration_rate IS 'Share of choices spent on exploration, 0.00 to 1.00.';
COMMENT ON COLUMN dgm.bandit_states.safety_threshold IS
'Compliance score, 0.00 to 1.00, below which an arm must not be chosen.';
COMMENT ON COLUMN dgm.bandit_states.risk_tolerance IS
'Loss against the baseline arm that exploration may cost, 0.00 to 1.00 of the baseline.';
COMMENT ON COLUMN dgm.bandit_states.parameters IS 'Object: what only this algorithm needs, such as alpha and beta.';
COMMENT ON COLUMN dgm.bandit_states.exploration_history IS 'Array of past explorations, newest last; trimmed by the service.';
COMMENT ON COLUMN dgm.bandit_states.constitutional_compliance_score IS
'Score of the arm, 0.00 to 1.00; NULL until assessed.';
COMMENT ON COLUMN dgm.bandit_states.created_at IS 'When the state was made.';
COMMENT ON COLUMN dgm.bandit_states.last_updated IS 'When the state was last changed. Set by every update.';
COMMENT ON COLUMN dgm.bandit_states.constitutional_hash IS 'Constitution under which the row was written.';
