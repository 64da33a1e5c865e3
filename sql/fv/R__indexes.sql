-- acgs: concurrent
-- The indexes of the requirements, under their names, and those that foreign keys and the service's look-ups need.

-- Results.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_verification_results_policy
ON fv.verification_results (policy_id, created_at DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_verification_results_status
ON fv.verification_results (verification_status);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_verification_results_property
ON fv.verification_results (safety_property_id) WHERE safety_property_id IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_verification_results_rule
ON fv.verification_results (verification_rule_id) WHERE verification_rule_id IS NOT NULL;

-- Properties and rules.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_safety_properties_active
ON fv.safety_properties (is_active, priority);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_verification_rules_property
ON fv.verification_rules (safety_property_id) WHERE safety_property_id IS NOT NULL;

-- Which checks had this policy in them: policy_ids @> ARRAY[id].
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_consistency_checks_policies
ON fv.consistency_checks USING gin (policy_ids);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_consistency_checks_rule
ON fv.consistency_checks (verification_rule_id) WHERE verification_rule_id IS NOT NULL;

-- Fairness.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_fairness_assessments_policy
ON fv.fairness_assessments (policy_id, created_at DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_fairness_assessments_result
ON fv.fairness_assessments (verification_result_id) WHERE verification_result_id IS NOT NULL;
