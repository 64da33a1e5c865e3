-- acgs: concurrent
-- The indexes of the requirements, under their names, and those that foreign keys need. On a partitioned table the
-- runner builds each partition's index concurrently and attaches it. Most of the partial ones' columns are NULL in
-- many rows, which then cost nothing there.

-- Policies. Versions of a name: the table's unique key.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_policies_status
ON gs.policies (status, created_at DESC);
-- Finds what was written under another constitution than the one in force.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_policies_constitutional_hash
ON gs.policies (constitutional_hash);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_policies_template
ON gs.policies (template_id) WHERE template_id IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_policies_synthesis
ON gs.policies (synthesis_id) WHERE synthesis_id IS NOT NULL;

-- Generations.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_synthesis_history_user
ON gs.synthesis_history (user_id, created_at DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_synthesis_history_template
ON gs.synthesis_history (template_id) WHERE template_id IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_multi_model_consensus_synthesis
ON gs.multi_model_consensus (synthesis_id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_wina_optimizations_synthesis
ON gs.wina_optimizations (synthesis_id) WHERE synthesis_id IS NOT NULL;

-- Calls of models.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_llm_interactions_timestamp
ON gs.llm_interactions (created_at DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_llm_interactions_synthesis
ON gs.llm_interactions (synthesis_id) WHERE synthesis_id IS NOT NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_llm_interactions_consensus
ON gs.llm_interactions (consensus_id) WHERE consensus_id IS NOT NULL;
