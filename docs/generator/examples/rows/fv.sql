-- 500 results a day, as the requirements have it, over two months.

INSERT INTO fv.safety_properties (id, name, formal_specification, is_active, priority)
SELECT example.key('property', i), 'property_' || i, '(assert p)', i % 4 = 0, 1 + i % 1000
FROM generate_series(1, 4000) AS i;

INSERT INTO fv.verification_results (
    id, policy_id, safety_property_id, verification_status, solver_result, created_at, completed_at
)
SELECT
    example.key('result', i), example.key('policy', i % 1500), example.key('property', 1 + i % 4000), status,
    CASE status WHEN 'verified' THEN 'unsat' WHEN 'violated' THEN 'sat' END, example.came(i, 20000, 60),
    CASE WHEN status <> 'pending' THEN example.came(i, 20000, 60) END
FROM generate_series(1, 20000) AS i,
    LATERAL (
        SELECT CASE WHEN i % 300 = 0 THEN 'pending' WHEN i % 20 = 0 THEN 'violated' ELSE 'verified' END AS status
    ) AS answer;
