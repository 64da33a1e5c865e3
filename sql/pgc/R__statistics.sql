-- What the planner should know better than by default. Targets of a partitioned parent reach the partitions that are
-- there; those made later take them over, and the extended statistics too (platform.create_leaf).

-- Many values, and queries that name one of them.
ALTER TABLE pgc.policy_decisions ALTER COLUMN policy_id SET STATISTICS 300;
ALTER TABLE pgc.enforcement_logs ALTER COLUMN policy_id SET STATISTICS 300;
ALTER TABLE pgc.policy_rules ALTER COLUMN resource_type SET STATISTICS 200;
ALTER TABLE pgc.policy_rules ALTER COLUMN action SET STATISTICS 200;

-- Nobody filters by these, and to compare documents is what an ANALYZE would spend most of its time on.
ALTER TABLE pgc.policy_decisions ALTER COLUMN input SET STATISTICS 0;
ALTER TABLE pgc.policy_decisions ALTER COLUMN result SET STATISTICS 0;
ALTER TABLE pgc.enforcement_logs ALTER COLUMN details SET STATISTICS 0;

-- A policy answers on its own path, and mostly the same.
CREATE STATISTICS IF NOT EXISTS pgc.policy_decisions_policy_outcome (ndistinct, dependencies, mcv)
ON policy_id, decision_path, decision FROM pgc.policy_decisions;
-- An agent logs what it has just decided.
CREATE STATISTICS IF NOT EXISTS pgc.policy_decisions_times (ndistinct, dependencies)
ON created_at, decision_time FROM pgc.policy_decisions;
CREATE STATISTICS IF NOT EXISTS pgc.policy_rules_target (ndistinct, dependencies, mcv)
ON resource_type, action FROM pgc.policy_rules;

COMMENT ON STATISTICS pgc.policy_decisions_policy_outcome IS 'Paths and outcomes belong to policies.';
COMMENT ON STATISTICS pgc.policy_decisions_times IS 'A row arrives soon after its decision.';
COMMENT ON STATISTICS pgc.policy_rules_target IS 'Actions belong to kinds of resources.';
