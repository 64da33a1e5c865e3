-- At a thousand decisions a second these are half a minute's, spread over a hundred days.

INSERT INTO pgc.active_policies (id, policy_id, name, status, priority, scope, package_path, policy_hash, effective_from)
SELECT
    example.key('active policy', i), example.key('policy', i), 'policy_' || i,
    CASE WHEN i % 5 = 0 THEN 'superseded' WHEN i % 7 = 0 THEN 'suspended' ELSE 'active' END, (i * 37) % 1000,
    CASE WHEN i % 10 = 0 THEN 'global' ELSE 'service_' || i % 60 END, 'acgs.policy_' || i, example.sha256('policy', i),
    example.came(i, 5000, 100)
FROM generate_series(1, 5000) AS i;

INSERT INTO pgc.policy_rules (id, policy_id, name, effect, resource_type, action, priority, is_active)
SELECT
    example.key('rule', i), example.key('policy', 1 + i % 5000), 'rule_' || i % 4000, 'allow', 'resource_' || i % 50,
    (ARRAY['read', 'write', 'delete'])[1 + i % 3], (i * 37) % 1000, i % 6 <> 0
FROM generate_series(1, 12000) AS i;

INSERT INTO pgc.policy_decisions (
    created_at, decision_time, policy_id, user_id, evaluation_time_us, decision, decision_path
)
SELECT
    example.came(i, 30000, 100), example.came(i, 30000, 100) - interval '3 milliseconds',
    example.key('policy', 1 + (example.chance(i, 1) * 499)::int), example.key('user', i % 1000),
    (example.chance(i, 2) * 4000)::int,
    CASE WHEN i % 9 = 0 THEN 'deny' WHEN i % 50 = 0 THEN 'require_review' ELSE 'allow' END, 'acgs/allow'
FROM generate_series(1, 30000) AS i;

INSERT INTO pgc.enforcement_logs (created_at, policy_id, action_type, outcome, enforced_by)
SELECT
    example.came(i, 20000, 100), example.key('policy', 1 + (example.chance(i, 3) * 499)::int),
    CASE WHEN i % 9 = 0 THEN 'block' WHEN i % 20 = 0 THEN 'warn' ELSE 'allow' END,
    CASE WHEN i % 400 = 0 THEN 'failed' ELSE 'succeeded' END, 'gateway'
FROM generate_series(1, 20000) AS i;
