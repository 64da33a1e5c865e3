-- 5000 rows a day in the requirements.

INSERT INTO ec.optimization_history (
    id, algorithm_type, objective, status, best_objective, best_solution, created_at, started_at, completed_at
)
SELECT
    example.key('run', i), (ARRAY['genetic', 'bayesian', 'bandit', 'wina', 'particle_swarm'])[1 + i % 5], 'reward',
    'completed', example.chance(i, 1), '{}', example.came(i, 10000, 100), example.came(i, 10000, 100),
    example.came(i, 10000, 100) + interval '8 seconds'
FROM generate_series(1, 10000) AS i;

INSERT INTO ec.wina_states (id, context_key, model, layer_name, created_at, updated_at)
SELECT
    example.key('wina', i), 'context_' || i % 500, 'model_' || i % 3, 'layer_' || i, example.came(i, 20000, 100),
    example.came(i, 20000, 100)
FROM generate_series(1, 20000) AS i;

INSERT INTO ec.evolution_metrics (created_at, optimization_id, generation, metric_name, metric_value)
SELECT
    example.came(i, 20000, 100), example.key('run', 1 + i / 3), i % 3, 'metric_' || i % 20, example.chance(i, 2)
FROM generate_series(1, 20000) AS i;
