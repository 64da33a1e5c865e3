-- The archive of improvements, and the registry that makes an improvement one thing for all other tables.
--
-- The archive is partitioned by month and then by status, so a unique key of it has to hold created_at and
-- status: it cannot promise that an improvement_id occurs once, and nothing can point at an improvement_id alone.
-- The registry can and does. docs/dgm.md says why this way; R__archive_registry.sql keeps both in step.
--
-- Vocabularies are text with a check: a value is added by a second check NOT VALID, VALIDATE, and a drop of the
-- first, none of which reads or blocks the table for long; and a value can be taken away again, unlike an enum's.

CREATE TABLE dgm.improvements (
    improvement_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    status text NOT NULL,
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT improvements_pkey PRIMARY KEY (improvement_id),
    CONSTRAINT improvements_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE dgm.improvements IS
'Registry: one row per improvement, which other tables reference. Written by triggers of dgm.dgm_archive only. '
'Outlives its archive row when retention drops that month and something still references the improvement.';
COMMENT ON COLUMN dgm.improvements.improvement_id IS 'The improvement.';
COMMENT ON COLUMN dgm.improvements.created_at IS 'created_at of its archive row: says in which month that row is.';
COMMENT ON COLUMN dgm.improvements.status IS
'Status of its archive row: says in which sub-partition that row is. In no index on purpose: so a change of '
'status does not wait for transactions that just inserted rows referencing the improvement.';
COMMENT ON COLUMN dgm.improvements.constitutional_hash IS 'Constitution under which the improvement was registered.';

CREATE TABLE dgm.dgm_archive (
    improvement_id uuid NOT NULL DEFAULT gen_random_uuid(),
    created_at timestamptz NOT NULL DEFAULT now(),
    status text NOT NULL DEFAULT 'pending',
    "timestamp" timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    description text,
    performance_before jsonb NOT NULL DEFAULT '{}',
    performance_after jsonb,
    constitutional_compliance_score numeric(3, 2),
    rollback_data jsonb COMPRESSION lz4 NOT NULL DEFAULT '{}',
    metadata jsonb NOT NULL DEFAULT '{}',
    tags jsonb NOT NULL DEFAULT '[]',
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT dgm_archive_pkey PRIMARY KEY (improvement_id, created_at, status),
    CONSTRAINT dgm_archive_improvement_id_fkey FOREIGN KEY (improvement_id)
    REFERENCES dgm.improvements (improvement_id),
    CONSTRAINT dgm_archive_status_check CHECK (
        status IN ('pending', 'running', 'completed', 'failed', 'rolled_back')
    ),
    CONSTRAINT dgm_archive_score_check CHECK (constitutional_compliance_score BETWEEN 0.00 AND 1.00),
    CONSTRAINT dgm_archive_performance_before_check CHECK (jsonb_typeof(performance_before) = 'object'),
    CONSTRAINT dgm_archive_performance_after_check CHECK (jsonb_typeof(performance_after) = 'object'),
    CONSTRAINT dgm_archive_metadata_check CHECK (jsonb_typeof(metadata) = 'object'),
    CONSTRAINT dgm_archive_tags_check CHECK (jsonb_typeof(tags) = 'array'),
    CONSTRAINT dgm_archive_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
) PARTITION BY RANGE (created_at);

COMMENT ON TABLE dgm.dgm_archive IS
'Every improvement of the Darwin Gödel Machine with its outcome and what is needed to roll it back. Partitioned by '
'month of created_at (UTC), each month by status.';
COMMENT ON COLUMN dgm.dgm_archive.improvement_id IS 'The improvement; occurs once, which dgm.improvements sees to.';
COMMENT ON COLUMN dgm.dgm_archive.created_at IS 'When the improvement was proposed. Cannot be changed.';
COMMENT ON COLUMN dgm.dgm_archive.status IS
'Place in the life of an improvement: pending, running, completed, failed, rolled_back.';
COMMENT ON COLUMN dgm.dgm_archive."timestamp" IS
'When the improvement reached its present status. Set by a change of status that does not set it itself.';
COMMENT ON COLUMN dgm.dgm_archive.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN dgm.dgm_archive.description IS 'What the improvement changes, for people.';
COMMENT ON COLUMN dgm.dgm_archive.performance_before IS 'Object: measurements before the change, by metric.';
COMMENT ON COLUMN dgm.dgm_archive.performance_after IS
'Object: measurements after the change, by metric; NULL until measured.';
COMMENT ON COLUMN dgm.dgm_archive.constitutional_compliance_score IS
'0.00 (none) to 1.00 (full compliance); NULL until assessed.';
COMMENT ON COLUMN dgm.dgm_archive.rollback_data IS 'The complete state that a rollback restores. Compressed by lz4.';
COMMENT ON COLUMN dgm.dgm_archive.metadata IS 'Object: anything else, searchable by @> and ?.';
COMMENT ON COLUMN dgm.dgm_archive.tags IS 'Array of labels, searchable by @> and ?.';
COMMENT ON COLUMN dgm.dgm_archive.constitutional_hash IS 'Constitution under which the row was written.';

-- No service writes the registry: triggers of the archive do, as acgs_owner.
REVOKE INSERT, UPDATE, DELETE ON dgm.improvements FROM dgm_service, acgs_writer;
