-- What the rounds of the partitions could not do, and why: written by platform.take_partition_step(), named by
-- platform.partition_coverage and the report.

CREATE TABLE platform.partition_skips (
    schema_name text NOT NULL,
    table_name text NOT NULL,
    partition_name text NOT NULL,
    sqlstate text NOT NULL,
    reason text NOT NULL,
    first_skipped_at timestamptz NOT NULL DEFAULT now(),
    last_skipped_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT partition_skips_pkey PRIMARY KEY (schema_name, table_name, partition_name),
    CONSTRAINT partition_skips_policy_fkey FOREIGN KEY (schema_name, table_name)
    REFERENCES platform.partition_policies (schema_name, table_name) ON DELETE CASCADE,
    -- The function that knows the valid hashes is in a repeatable file, which runs after this one.
    CONSTRAINT partition_skips_constitutional_hash_check CHECK (constitutional_hash ~ '^[0-9a-f]{16}$')
);

COMMENT ON TABLE platform.partition_skips IS
'Partitions that a round could not make, change or drop, each with the reason of the last attempt. A row goes when the '
'step succeeds, or when a round finds that nothing is to be done about it any more.';
COMMENT ON COLUMN platform.partition_skips.schema_name IS 'Schema of the partitioned table.';
COMMENT ON COLUMN platform.partition_skips.table_name IS 'Name of the partitioned table, without schema.';
COMMENT ON COLUMN platform.partition_skips.partition_name IS
'Partition that was skipped; the name of the table itself where nothing could be found out about its partitions.';
COMMENT ON COLUMN platform.partition_skips.sqlstate IS 'SQLSTATE of the reason: 55P03 for a lock that was not to be had.';
COMMENT ON COLUMN platform.partition_skips.reason IS 'What the server said, details included.';
COMMENT ON COLUMN platform.partition_skips.first_skipped_at IS 'When the step was first skipped.';
COMMENT ON COLUMN platform.partition_skips.last_skipped_at IS 'When it was last skipped.';
COMMENT ON COLUMN platform.partition_skips.constitutional_hash IS 'Constitution in force when the row was made.';
