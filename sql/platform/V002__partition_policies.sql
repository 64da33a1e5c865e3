-- One row per table that is partitioned by month. The functions of the R__partition_* files work on these rows,
-- for every schema, so there is one place that says how far ahead months are made and how long they are kept.

CREATE TABLE platform.partition_policies (
    schema_name text NOT NULL,
    table_name text NOT NULL,
    premake_months integer NOT NULL,
    retention_months integer,
    list_column text,
    list_values text [],
    storage_parameters jsonb NOT NULL DEFAULT '{}',
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT partition_policies_pkey PRIMARY KEY (schema_name, table_name),
    CONSTRAINT partition_policies_premake_months_check CHECK (premake_months BETWEEN 1 AND 120),
    CONSTRAINT partition_policies_retention_months_check CHECK (retention_months BETWEEN 1 AND 1200),
    CONSTRAINT partition_policies_list_check CHECK (
        (list_column IS NULL AND list_values IS NULL)
        -- The values become the ends of table names: only what needs no quotes there.
        OR (list_column IS NOT NULL AND array_to_string(list_values, ',', '') ~ '^[a-z0-9_]+(,[a-z0-9_]+)*$')
    ),
    CONSTRAINT partition_policies_storage_parameters_check CHECK (jsonb_typeof(storage_parameters) = 'object'),
    -- The function that knows the valid hashes is in a repeatable file, which runs after this one.
    CONSTRAINT partition_policies_constitutional_hash_check CHECK (constitutional_hash ~ '^[0-9a-f]{16}$')
);

COMMENT ON TABLE platform.partition_policies IS
'How each table that is partitioned by month is kept: months made ahead, months kept, sub-partitions, storage.';
COMMENT ON COLUMN platform.partition_policies.schema_name IS 'Schema of the partitioned table.';
COMMENT ON COLUMN platform.partition_policies.table_name IS 'Name of the partitioned table, without schema.';
COMMENT ON COLUMN platform.partition_policies.premake_months IS
'Months after the current one that always have a partition. Set from the stack configuration.';
COMMENT ON COLUMN platform.partition_policies.retention_months IS
'Full months before the current one that are kept; older partitions are dropped. NULL keeps all. '
'Set from the stack configuration.';
COMMENT ON COLUMN platform.partition_policies.list_column IS
'Column by which each month is sub-partitioned (LIST); NULL for none.';
COMMENT ON COLUMN platform.partition_policies.list_values IS
'Values of list_column, each with a sub-partition <table>_y2025m06_<value>. A value added here gets its '
'sub-partition in every month at the next upkeep; one taken away keeps those that are there.';
COMMENT ON COLUMN platform.partition_policies.storage_parameters IS
'Storage parameters of the partitions that hold rows, such as {"autovacuum_vacuum_scale_factor": 0.1}: '
'PostgreSQL takes none on the partitioned parent.';
COMMENT ON COLUMN platform.partition_policies.constitutional_hash IS 'Constitution in force when the row was made.';
