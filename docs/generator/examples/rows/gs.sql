-- 2000 rows a day over the schema, as the requirements have it. Nearly all was written under the constitution in force.

INSERT INTO gs.synthesis_history (id, user_id, status, request, generated_policy, created_at, completed_at)
SELECT
    example.key('synthesis', i), example.key('user', 1 + (example.chance(i, 1) * 999)::int), 'succeeded',
    'Explain decisions.', 'package p', example.came(i, 20000, 100), example.came(i, 20000, 100) + interval '2 seconds'
FROM generate_series(1, 20000) AS i;

INSERT INTO gs.policies (id, name, status, content, created_at, approved_by, approved_at, activated_at)
SELECT
    example.key('policy', i), 'policy.p' || i, status, 'package p', example.came(i, 15000, 100),
    CASE WHEN status <> 'draft' THEN example.key('user', 1) END,
    CASE WHEN status <> 'draft' THEN example.came(i, 15000, 100) + interval '1 minute' END,
    CASE WHEN status = 'active' THEN example.came(i, 15000, 100) + interval '2 minutes' END
FROM generate_series(1, 15000) AS i,
    LATERAL (SELECT (ARRAY['draft', 'approved', 'active'])[1 + i % 3] AS status) AS stage;

INSERT INTO gs.llm_interactions (
    created_at, synthesis_id, provider, model, prompt_sha256, response_sha256, prompt_tokens, completion_tokens, latency_ms
)
SELECT
    example.came(i, 20000, 100), example.key('synthesis', 1 + i / 2), 'provider_' || i % 4, 'model_' || i % 7,
    sha256(convert_to('prompt ' || i, 'UTF8')), sha256(convert_to('response ' || i, 'UTF8')), 800, 400, 1500
FROM generate_series(1, 20000) AS i;
