-- What the planner should know better than by default.

-- The status says what the solver answered: taken as independent, rows that match both are underestimated.
CREATE STATISTICS IF NOT EXISTS fv.verification_results_verdict (dependencies, mcv)
ON verification_status, solver_result FROM fv.verification_results;

COMMENT ON STATISTICS fv.verification_results_verdict IS 'Status and answer of the solver go together.';
