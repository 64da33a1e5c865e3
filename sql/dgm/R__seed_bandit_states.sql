-- One cautious starting point for each algorithm. Rows that are there stay as they are: what was learned, and what
-- operators set, is never overwritten.

INSERT INTO dgm.bandit_states (
    context_key, arm_id, algorithm_type, exploration_rate, safety_threshold, risk_tolerance, parameters
)
VALUES
('default', 'baseline', 'epsilon_greedy', 0.10, 0.95, 0.05, '{"epsilon": 0.1, "conservative": true}'),
('default', 'baseline', 'ucb1', 0.10, 0.95, 0.05, '{"confidence": 1.0, "conservative": true}'),
('default', 'baseline', 'thompson_sampling', 0.10, 0.95, 0.05, '{"alpha": 1.0, "beta": 1.0, "conservative": true}')
ON CONFLICT (context_key, arm_id, algorithm_type) DO NOTHING;
