-- Few principles are read by everybody; the checks are many.

INSERT INTO ac.principles (id, name, category, content, priority_weight, is_active, created_at, updated_at)
SELECT
    example.key('principle', i), 'principle_' || i, 'category_' || i % 50, 'Decisions are explained.',
    round(example.chance(i, 1)::numeric, 2), i % 4 <> 0, example.came(i, 5000, 100), example.came(i, 5000, 100)
FROM generate_series(1, 5000) AS i;

-- The summary is one of the server's own last seven days: made of checks that are of now, and then go.
INSERT INTO ac.compliance_checks (principle_id, compliance_score)
SELECT example.key('principle', i), 0.9 FROM generate_series(1, 2000) AS i;
REFRESH MATERIALIZED VIEW ac.compliance_summary;
TRUNCATE ac.compliance_checks;

INSERT INTO ac.compliance_checks (id, principle_id, target_type, target_id, compliance_score, created_at)
SELECT
    example.key('check', i), example.key('principle', 1 + (i * 31) % 500), 'policy', 'policy_' || i % 2000,
    round(example.chance(i, 2)::numeric, 2), example.came(i, 20000, 30)
FROM generate_series(1, 20000) AS i;
