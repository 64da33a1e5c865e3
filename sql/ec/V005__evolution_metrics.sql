-- Measurements of evolution as they come in.
-- Keys are sequence numbers and not UUIDs: rows only come at the end, and so do their index entries.

CREATE SEQUENCE ec.evolution_metrics_id_seq AS bigint CACHE 32;

CREATE TABLE ec.evolution_metrics (
    id bigint NOT NULL DEFAULT nextval('ec.evolution_metrics_id_seq'),
    created_at timestamptz NOT NULL DEFAULT now(),
    optimization_id uuid,
    population_id uuid,
    bandit_arm_id uuid,
    generation integer,
    metric_name text NOT NULL,
    metric_value double precision NOT NULL,
    unit text,
    constitutional_compliance_score numeric(3, 2),
    tags jsonb NOT NULL DEFAULT '{}',
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT evolution_metrics_pkey PRIMARY KEY (id, created_at),
    -- Three look-ups at most per row, at some thousand rows a day: cheaper than measurements of nothing.
    CONSTRAINT evolution_metrics_optimization_id_fkey FOREIGN KEY (optimization_id)
    REFERENCES ec.optimization_history (id),
    CONSTRAINT evolution_metrics_population_id_fkey FOREIGN KEY (population_id) REFERENCES ec.genetic_populations (id),
    CONSTRAINT evolution_metrics_bandit_arm_id_fkey FOREIGN KEY (bandit_arm_id) REFERENCES ec.bandit_arms (id),
    CONSTRAINT evolution_metrics_generation_check CHECK (generation >= 0),
    -- An open vocabulary, of one spelling: new metrics need no migration.
    CONSTRAINT evolution_metrics_metric_name_check CHECK (metric_name ~ '^[a-z][a-z0-9_]{0,62}$'),
    CONSTRAINT evolution_metrics_score_check CHECK (constitutional_compliance_score BETWEEN 0.00 AND 1.00),
    CONSTRAINT evolution_metrics_tags_check CHECK (jsonb_typeof(tags) = 'object'),
    CONSTRAINT evolution_metrics_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
) PARTITION BY RANGE (created_at);

ALTER SEQUENCE ec.evolution_metrics_id_seq OWNED BY ec.evolution_metrics.id;

COMMENT ON TABLE ec.evolution_metrics IS
'Measurements of optimisations, populations and bandits. Partitioned by month of created_at (UTC).';
COMMENT ON COLUMN ec.evolution_metrics.id IS 'Ascending number; with created_at the key.';
COMMENT ON COLUMN ec.evolution_metrics.created_at IS 'When it was measured; decides the partition.';
COMMENT ON COLUMN ec.evolution_metrics.optimization_id IS 'Run that was measured, if any.';
COMMENT ON COLUMN ec.evolution_metrics.population_id IS 'Population that was measured, if any.';
COMMENT ON COLUMN ec.evolution_metrics.bandit_arm_id IS 'Arm that was measured, if any.';
COMMENT ON COLUMN ec.evolution_metrics.generation IS
'Generation or iteration of the run, from 0, also where no population is stored.';
COMMENT ON COLUMN ec.evolution_metrics.metric_name IS
'Name in lower case with underscores: best_fitness, diversity, evaluation_time and others.';
COMMENT ON COLUMN ec.evolution_metrics.metric_value IS 'The measured value, in unit.';
COMMENT ON COLUMN ec.evolution_metrics.unit IS 'Unit of the value, such as ms or 1/s; NULL for a bare number.';
COMMENT ON COLUMN ec.evolution_metrics.constitutional_compliance_score IS
'Score while it was measured, 0.00 to 1.00; NULL when not assessed.';
COMMENT ON COLUMN ec.evolution_metrics.tags IS 'Object: further dimensions.';
COMMENT ON COLUMN ec.evolution_metrics.constitutional_hash IS 'Constitution under which the row was written.';
