-- The arms of the multi-armed bandits of evolution; those of the improvements are dgm's.

CREATE TABLE ec.bandit_arms (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    context_key text NOT NULL,
    arm_id text NOT NULL,
    algorithm_type text NOT NULL,
    status text NOT NULL DEFAULT 'active',
    pulls bigint NOT NULL DEFAULT 0,
    successes bigint NOT NULL DEFAULT 0,
    total_reward double precision NOT NULL DEFAULT 0,
    average_reward double precision GENERATED ALWAYS AS (total_reward / nullif(pulls, 0)) STORED,
    reward_variance double precision,
    alpha double precision NOT NULL DEFAULT 1,
    beta double precision NOT NULL DEFAULT 1,
    parameters jsonb NOT NULL DEFAULT '{}',
    constitutional_compliance_score numeric(3, 2),
    last_pulled_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT bandit_arms_pkey PRIMARY KEY (id),
    CONSTRAINT bandit_arms_context_arm_algorithm_key UNIQUE (context_key, arm_id, algorithm_type),
    CONSTRAINT bandit_arms_context_key_check CHECK (context_key <> ''),
    CONSTRAINT bandit_arms_arm_id_check CHECK (arm_id <> ''),
    CONSTRAINT bandit_arms_algorithm_type_check CHECK (
        algorithm_type IN ('epsilon_greedy', 'ucb1', 'thompson_sampling')
    ),
    CONSTRAINT bandit_arms_status_check CHECK (status IN ('active', 'paused', 'retired')),
    CONSTRAINT bandit_arms_pulls_check CHECK (pulls >= 0 AND successes BETWEEN 0 AND pulls),
    CONSTRAINT bandit_arms_variance_check CHECK (reward_variance >= 0),
    CONSTRAINT bandit_arms_beta_distribution_check CHECK (alpha > 0 AND beta > 0),
    CONSTRAINT bandit_arms_parameters_check CHECK (jsonb_typeof(parameters) = 'object'),
    CONSTRAINT bandit_arms_score_check CHECK (constitutional_compliance_score BETWEEN 0.00 AND 1.00),
    CONSTRAINT bandit_arms_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE ec.bandit_arms IS
'Arms of multi-armed bandits that choose operators and parameters, one row per context, arm and algorithm.';
COMMENT ON COLUMN ec.bandit_arms.id IS 'Key.';
COMMENT ON COLUMN ec.bandit_arms.context_key IS 'Situation for which the arm is chosen.';
COMMENT ON COLUMN ec.bandit_arms.arm_id IS 'The choice, such as a mutation operator.';
COMMENT ON COLUMN ec.bandit_arms.algorithm_type IS 'epsilon_greedy, ucb1 or thompson_sampling.';
COMMENT ON COLUMN ec.bandit_arms.status IS 'active, paused or retired; only active arms are chosen.';
COMMENT ON COLUMN ec.bandit_arms.pulls IS 'How often the arm was chosen.';
COMMENT ON COLUMN ec.bandit_arms.successes IS 'How often it was better than the baseline.';
COMMENT ON COLUMN ec.bandit_arms.total_reward IS 'Sum of rewards, in the unit of the algorithm.';
COMMENT ON COLUMN ec.bandit_arms.average_reward IS 'Mean reward per pull; NULL before any. Computed.';
COMMENT ON COLUMN ec.bandit_arms.reward_variance IS 'Variance of the rewards; NULL before two pulls.';
COMMENT ON COLUMN ec.bandit_arms.alpha IS 'First parameter of the beta distribution (Thompson sampling).';
COMMENT ON COLUMN ec.bandit_arms.beta IS 'Second parameter of the beta distribution (Thompson sampling).';
COMMENT ON COLUMN ec.bandit_arms.parameters IS 'Object: what else the algorithm needs, such as epsilon.';
COMMENT ON COLUMN ec.bandit_arms.constitutional_compliance_score IS
'Score of the arm, 0.00 to 1.00; NULL until assessed.';
COMMENT ON COLUMN ec.bandit_arms.last_pulled_at IS 'When the arm was last chosen; NULL before.';
COMMENT ON COLUMN ec.bandit_arms.created_at IS 'When the arm was added.';
COMMENT ON COLUMN ec.bandit_arms.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN ec.bandit_arms.constitutional_hash IS 'Constitution under which the row was written.';
