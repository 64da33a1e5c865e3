-- acgs: concurrent
-- The indexes of the requirements, under their names, and those that foreign keys need. The one of
-- ac.compliance_summary is made with it: R__compliance_summary.sql.

-- Principles.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_principles_priority
ON ac.principles (priority_weight DESC, updated_at DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_principles_active
ON ac.principles (is_active, category);

-- Rules and council.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_meta_rules_type
ON ac.meta_rules (rule_type) WHERE is_active = true;
-- One seat for one person.
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS constitutional_council_user_id_key
ON ac.constitutional_council (user_id) WHERE is_active = true;

-- Conflicts.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_principle_conflicts_principle_a
ON ac.principle_conflicts (principle_a_id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_principle_conflicts_principle_b
ON ac.principle_conflicts (principle_b_id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_principle_conflicts_resolved_by
ON ac.principle_conflicts (resolved_by) WHERE resolved_by IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_principle_conflicts_unresolved
ON ac.principle_conflicts (created_at DESC) WHERE status IN ('open', 'in_review', 'escalated');

-- Checks. With principle and score in them, averages read an index and no row: the first those over all principles of
-- the last hours or days (the requirements' slow query, and the refresh of the summary), the second those of one.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_compliance_checks_timestamp
ON ac.compliance_checks (created_at DESC) INCLUDE (principle_id, compliance_score);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_compliance_checks_principle_time
ON ac.compliance_checks (principle_id, created_at DESC) INCLUDE (compliance_score);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_compliance_checks_target
ON ac.compliance_checks (target_id, created_at DESC) WHERE target_id IS NOT NULL;
