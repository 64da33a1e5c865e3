-- What the upkeep plans, what became of it, and what it measures for later comparison. VACUUM and REINDEX
-- CONCURRENTLY cannot run inside a function: so functions plan tasks here, and platform.run_upkeep() hands them to
-- pg_cron one by one (R__upkeep_*.sql; reasons in docs/upkeep.md).

CREATE TABLE platform.upkeep_tasks (
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    targets oid [] NOT NULL,
    target_names text NOT NULL,
    reason text NOT NULL,
    status text NOT NULL DEFAULT 'planned',
    attempts integer NOT NULL DEFAULT 0,
    planned_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    scheduled_for timestamptz,
    run_after bigint,
    statement text,
    finished_at timestamptz,
    message text,
    bytes_before bigint,
    bytes_after bigint,
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT upkeep_tasks_pkey PRIMARY KEY (id),
    CONSTRAINT upkeep_tasks_kind_check CHECK (kind IN ('vacuum', 'analyze', 'reindex', 'drop_index')),
    CONSTRAINT upkeep_tasks_targets_check CHECK (cardinality(targets) > 0),
    CONSTRAINT upkeep_tasks_status_check CHECK (
        status IN ('planned', 'scheduled', 'succeeded', 'failed', 'skipped')
    ),
    CONSTRAINT upkeep_tasks_scheduled_check CHECK (
        status <> 'scheduled' OR (scheduled_for IS NOT NULL AND run_after IS NOT NULL AND statement IS NOT NULL)
    ),
    CONSTRAINT upkeep_tasks_finished_at_check CHECK (
        (finished_at IS NULL) = (status IN ('planned', 'scheduled'))
    ),
    -- The function that knows the valid hashes is in a repeatable file, which runs after this one.
    CONSTRAINT upkeep_tasks_constitutional_hash_check CHECK (constitutional_hash ~ '^[0-9a-f]{16}$')
);

-- One task at a time.
CREATE UNIQUE INDEX upkeep_tasks_scheduled_key ON platform.upkeep_tasks (status) WHERE status = 'scheduled';
CREATE INDEX idx_upkeep_tasks_planned_at ON platform.upkeep_tasks (planned_at);

COMMENT ON TABLE platform.upkeep_tasks IS
'Statements of the upkeep that cannot run inside a function: planned, given to pg_cron one at a time, and what became '
'of each. Kept for 180 days.';
COMMENT ON COLUMN platform.upkeep_tasks.id IS 'Key; tasks of equal urgency run in this order.';
COMMENT ON COLUMN platform.upkeep_tasks.kind IS 'vacuum, analyze, reindex or drop_index.';
COMMENT ON COLUMN platform.upkeep_tasks.targets IS
'Tables or the index that the statement names; those dropped meanwhile are left out.';
COMMENT ON COLUMN platform.upkeep_tasks.target_names IS 'The same for people, as of the plan.';
COMMENT ON COLUMN platform.upkeep_tasks.reason IS 'Why it was planned, with the figures.';
COMMENT ON COLUMN platform.upkeep_tasks.status IS
'planned, scheduled (pg_cron has it), succeeded, failed (three times) or skipped (not needed, or the night was over).';
COMMENT ON COLUMN platform.upkeep_tasks.attempts IS 'How often it was given to pg_cron.';
COMMENT ON COLUMN platform.upkeep_tasks.planned_at IS 'When it was planned.';
COMMENT ON COLUMN platform.upkeep_tasks.expires_at IS 'It is not begun later than this.';
COMMENT ON COLUMN platform.upkeep_tasks.scheduled_for IS 'The minute at which pg_cron begins it.';
COMMENT ON COLUMN platform.upkeep_tasks.run_after IS 'Its run is one with a higher runid in cron.job_run_details.';
COMMENT ON COLUMN platform.upkeep_tasks.statement IS 'The statement that was last given to pg_cron.';
COMMENT ON COLUMN platform.upkeep_tasks.finished_at IS 'When its end was seen; NULL before.';
COMMENT ON COLUMN platform.upkeep_tasks.message IS 'What the server said, or why it was skipped.';
COMMENT ON COLUMN platform.upkeep_tasks.bytes_before IS 'Size of the targets before the last attempt.';
COMMENT ON COLUMN platform.upkeep_tasks.bytes_after IS 'Size of the targets afterwards.';
COMMENT ON COLUMN platform.upkeep_tasks.constitutional_hash IS 'Constitution in force when the row was made.';

CREATE TABLE platform.index_usage_history (
    measured_on date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    index_name text NOT NULL,
    timeline integer NOT NULL,
    idx_scan bigint NOT NULL,
    size_bytes bigint NOT NULL,
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT index_usage_history_pkey PRIMARY KEY (measured_on, schema_name, table_name, index_name),
    CONSTRAINT index_usage_history_constitutional_hash_check CHECK (constitutional_hash ~ '^[0-9a-f]{16}$')
);

COMMENT ON TABLE platform.index_usage_history IS
'Use and size of each index once a week, partitions added up. Kept for 400 days.';
COMMENT ON COLUMN platform.index_usage_history.measured_on IS 'Day (GMT).';
COMMENT ON COLUMN platform.index_usage_history.schema_name IS 'Schema of the table.';
COMMENT ON COLUMN platform.index_usage_history.table_name IS 'Table, or the partitioned table above it.';
COMMENT ON COLUMN platform.index_usage_history.index_name IS 'Index, or the partitioned index above it.';
COMMENT ON COLUMN platform.index_usage_history.timeline IS
'Timeline of the primary: after a failover another server counts, and only rows of one timeline can be compared.';
COMMENT ON COLUMN platform.index_usage_history.idx_scan IS 'Scans that the primary had counted by then.';
COMMENT ON COLUMN platform.index_usage_history.size_bytes IS 'Size in bytes.';
COMMENT ON COLUMN platform.index_usage_history.constitutional_hash IS 'Constitution in force when the row was made.';

CREATE TABLE platform.table_size_history (
    measured_on date NOT NULL DEFAULT (now() AT TIME ZONE 'UTC')::date,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    table_bytes bigint NOT NULL,
    index_bytes bigint NOT NULL,
    estimated_rows bigint NOT NULL,
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT table_size_history_pkey PRIMARY KEY (measured_on, schema_name, table_name),
    CONSTRAINT table_size_history_constitutional_hash_check CHECK (constitutional_hash ~ '^[0-9a-f]{16}$')
);

COMMENT ON TABLE platform.table_size_history IS
'Size of each table once a day, partitions added up: growth is told from it. Kept for 400 days.';
COMMENT ON COLUMN platform.table_size_history.measured_on IS 'Day (GMT).';
COMMENT ON COLUMN platform.table_size_history.schema_name IS 'Schema of the table.';
COMMENT ON COLUMN platform.table_size_history.table_name IS 'Table, with all its partitions.';
COMMENT ON COLUMN platform.table_size_history.table_bytes IS 'Rows with TOAST and maps, in bytes.';
COMMENT ON COLUMN platform.table_size_history.index_bytes IS 'Indexes in bytes.';
COMMENT ON COLUMN platform.table_size_history.estimated_rows IS 'Rows as of the last vacuum or analyze.';
COMMENT ON COLUMN platform.table_size_history.constitutional_hash IS 'Constitution in force when the row was made.';
