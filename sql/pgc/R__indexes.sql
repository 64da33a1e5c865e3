-- acgs: concurrent
-- The indexes of the requirements, under their names, and those that look-ups and foreign keys need. On a partitioned
-- table the runner builds each partition's index concurrently and attaches it.

-- Decisions. Each of these is paid for by every insert. Three of the four ascend in time, so that new entries come at
-- their end; those by policy go to as many pages as there are policies. All of them stay in memory.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_policy_decisions_timestamp
ON pgc.policy_decisions (decision_time DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_policy_decisions_policy
ON pgc.policy_decisions (policy_id, decision_time DESC);
-- idx_policy_decisions_timestamp is its prefix. With the outcome in it, rates by policy and outcome are read from the
-- index alone.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_policy_decisions_time_policy
ON pgc.policy_decisions (decision_time DESC, policy_id) INCLUDE (decision, evaluation_time_us);
-- The slow query of the requirements: the last hour by arrival, newest first, without a sort. Ascending, and read
-- backwards: new entries come at the right end, where pages are filled up before they are split. At the left end of a
-- descending index each split leaves half a page: 40 bytes a row instead of 22.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_policy_decisions_created
ON pgc.policy_decisions (created_at);

-- Enforcement.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_enforcement_logs_action
ON pgc.enforcement_logs (action_type, created_at DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_enforcement_logs_policy
ON pgc.enforcement_logs (policy_id, created_at DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_enforcement_logs_decision
ON pgc.enforcement_logs (decision_id) WHERE decision_id IS NOT NULL;
-- Few: what did not work.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_enforcement_logs_failed
ON pgc.enforcement_logs (created_at DESC) WHERE outcome = 'failed';
-- A range of time within a month, at next to no cost.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_enforcement_logs_created
ON pgc.enforcement_logs USING brin (created_at) WITH (pages_per_range = 32, autosummarize = on);

-- Policies in force.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_active_policies_status
ON pgc.active_policies (status, priority DESC);
-- Which policies apply here: one scan, in the order in which they win.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_active_policies_scope
ON pgc.active_policies (scope, priority DESC) WHERE status = 'active';
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_active_policies_bundle
ON pgc.active_policies (bundle_id) WHERE bundle_id IS NOT NULL;

-- Rules. Which apply to this action: one scan, in the order in which they win.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_policy_rules_name_active
ON pgc.policy_rules (name) WHERE is_active = true;
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_policy_rules_applicable
ON pgc.policy_rules (resource_type, action, priority DESC) WHERE is_active = true;

-- One revision, one version in force.
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS idx_opa_bundles_one_active
ON pgc.opa_bundles (name) WHERE status = 'active';
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS idx_governance_workflows_one_active
ON pgc.governance_workflows (name) WHERE status = 'active';
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_governance_workflows_trigger
ON pgc.governance_workflows (trigger_event) WHERE status = 'active';
