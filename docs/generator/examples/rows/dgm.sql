-- About 1000 improvements and many more measurements a day in the requirements; here enough for the planner to care.

INSERT INTO dgm.dgm_archive (improvement_id, created_at, status, "timestamp", constitutional_compliance_score, metadata, tags)
SELECT
    example.key('improvement', i), example.came(i, 15000, 100),
    (ARRAY['completed', 'completed', 'completed', 'failed', 'rolled_back', 'running', 'pending'])[1 + i % 7],
    example.came(i, 15000, 100) + interval '1 hour', round(example.chance(i, 1)::numeric, 2),
    jsonb_build_object('proposal', i), jsonb_build_array('tag_' || i % 200)
FROM generate_series(1, 15000) AS i;

INSERT INTO dgm.performance_metrics (
    "timestamp", service_name, metric_type, metric_name, metric_value, unit, tags, improvement_id
)
SELECT
    example.came(i, 20000, 100), 'service_' || i % 40, (ARRAY['latency', 'throughput', 'error_rate'])[1 + i % 3],
    'metric_' || i % 400, example.chance(i, 2) * 100, 'ms', jsonb_build_object('host', 'host_' || i % 200),
    CASE WHEN i % 10 = 0 THEN example.key('improvement', 1 + i / 2) END
FROM generate_series(1, 20000) AS i;

INSERT INTO dgm.constitutional_compliance_logs (
    id, "timestamp", assessed_at, service_name, compliance_level, compliance_score, violations, improvement_id
)
SELECT
    example.key('compliance', i), example.came(i, 20000, 100), example.came(i, 20000, 100), 'service_' || i % 40,
    CASE WHEN example.chance(i, 3) < 0.7 THEN 'compliant' WHEN example.chance(i, 3) < 0.9 THEN 'exemplary'
        WHEN example.chance(i, 3) < 0.97 THEN 'warning' WHEN example.chance(i, 3) < 0.995 THEN 'violation'
        ELSE 'critical' END,
    round(example.chance(i, 4)::numeric, 2), jsonb_build_array('article_' || i % 1000),
    CASE WHEN i % 4 = 0 THEN example.key('improvement', 1 + i / 2) END
FROM generate_series(1, 20000) AS i;

INSERT INTO dgm.bandit_states (id, context_key, arm_id, algorithm_type, average_reward, last_updated)
SELECT
    example.key('bandit', i), 'context_' || i % 500, 'arm_' || i, 'ucb1', example.chance(i, 5),
    example.came(i, 10000, 100)
FROM generate_series(1, 10000) AS i;

INSERT INTO dgm.improvement_workspaces (id, improvement_id, status, created_at)
SELECT
    example.key('workspace', i), example.key('improvement', i),
    CASE WHEN i % 100 = 0 THEN 'active' WHEN i % 100 = 50 THEN 'pending' WHEN i % 50 = 1 THEN 'testing'
        WHEN i % 3 = 0 THEN 'failed' ELSE 'completed' END,
    example.came(i, 15000, 100)
FROM generate_series(1, 15000) AS i;

INSERT INTO dgm.metric_aggregations (
    service_name, metric_type, metric_name, window_size, window_start, window_end, sample_count, value_sum, value_avg,
    value_min, value_max, value_p50, value_p95, value_p99
)
SELECT
    'service_' || metric % 40, (ARRAY['latency', 'throughput', 'error_rate'])[1 + metric % 3], 'metric_' || metric,
    'hour', '{moment}'::timestamptz - make_interval(hours => hour),
    '{moment}'::timestamptz - make_interval(hours => hour - 1), 10, 500, 50, 1, 99, 50, 95, 99
FROM generate_series(0, 79) AS metric, generate_series(1, 250) AS hour;
