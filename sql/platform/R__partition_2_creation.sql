-- How a month comes to be. A table is made on its own, LIKE its parent, and attached: ATTACH takes SHARE UPDATE
-- EXCLUSIVE on the parent and lets readers and writers go on, CREATE … PARTITION OF would lock them all out.
-- Foreign keys take SHARE ROW EXCLUSIVE on the table they point to: writers there wait while the catalogue is
-- written, and no longer than lock_timeout is waited for them.
--
-- SECURITY DEFINER, although nobody but acgs_owner may call these: a superuser may too, and would own the tables.

CREATE OR REPLACE FUNCTION platform.create_leaf(
    root regclass, leaf_schema text, leaf_name text, storage_parameters jsonb
)
RETURNS regclass
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    leaf constant text := format('%I.%I', leaf_schema, leaf_name);
    options text;
    targets text;
BEGIN
    SELECT coalesce('WITH (' || string_agg(format('%I = %L', key, value), ', ' ORDER BY key) || ')', '') INTO options
    FROM jsonb_each_text(storage_parameters);
    EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING ALL) %s', leaf, root, options);
    -- LIKE takes extended statistics over, but not how fine those of a column are. One statement for all columns: after
    -- each, the server reads the table's description anew.
    SELECT string_agg(format('ALTER COLUMN %I SET STATISTICS %s', attname, attstattarget), ', ' ORDER BY attnum)
    INTO targets
    FROM pg_attribute
    WHERE attrelid = root AND attnum > 0 AND NOT attisdropped AND attstattarget >= 0;
    IF targets IS NOT NULL THEN
        EXECUTE format('ALTER TABLE %s %s', leaf, targets);
    END IF;
    RETURN leaf::regclass;
END
$$;

COMMENT ON FUNCTION platform.create_leaf(regclass, text, text, jsonb) IS
'Makes a table that can be attached below root and holds rows: columns, checks, indexes, statistics, storage.';

CREATE OR REPLACE FUNCTION platform.missing_storage_parameters(leaf regclass, wanted jsonb)
RETURNS text
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    -- Only what differs: an ALTER that changes nothing would still wait for autovacuum on every partition.
    SELECT string_agg(format('%I = %L', parameter.key, parameter.value), ', ' ORDER BY parameter.key)
    FROM pg_class
    CROSS JOIN LATERAL jsonb_each_text(wanted) AS parameter
    WHERE pg_class.oid = leaf AND NOT EXISTS (
        SELECT FROM pg_options_to_table(pg_class.reloptions)
        WHERE option_name = parameter.key AND option_value = parameter.value
    )
$$;

COMMENT ON FUNCTION platform.missing_storage_parameters(regclass, jsonb) IS
'The storage parameters of one table that differ from those wanted, as ALTER TABLE … SET takes them; NULL for none.';

CREATE OR REPLACE FUNCTION platform.copy_truncate_triggers(root regclass, partition regclass)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    held record;
BEGIN
    FOR held IN
        SELECT tgname, tgenabled, pg_get_triggerdef(oid) AS definition FROM pg_trigger
        -- Bits of pg_trigger.h: for each row; TRUNCATE.
        WHERE tgrelid = root AND NOT tgisinternal AND tgtype & 1 = 0 AND tgtype & 32 > 0
    LOOP
        EXECUTE replace(held.definition, format(' ON %s ', root), format(' ON %s ', partition));
        IF held.tgenabled = 'A' THEN
            EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', partition, held.tgname);
        END IF;
    END LOOP;
END
$$;

COMMENT ON FUNCTION platform.copy_truncate_triggers(regclass, regclass) IS
'Gives a partition the triggers on TRUNCATE of its table: unlike those on rows, ATTACH does not make them.';

CREATE OR REPLACE FUNCTION platform.create_month(policy platform.partition_policies, month date)
RETURNS text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    root constant regclass := format('%I.%I', policy.schema_name, policy.table_name)::regclass;
    month_name constant text := platform.partition_name(policy.table_name, month);
    qualified constant text := format('%I.%I', policy.schema_name, month_name);
    list_value text;
BEGIN
    IF policy.list_column IS NULL THEN
        PERFORM platform.create_leaf(root, policy.schema_name, month_name, policy.storage_parameters);
    ELSE
        -- Statistics of a partitioned table are those of its leaves: only they get the extended ones.
        EXECUTE format(
            'CREATE TABLE %s (LIKE %s INCLUDING ALL EXCLUDING STATISTICS) PARTITION BY LIST (%I)',
            qualified, root, policy.list_column
        );
        FOREACH list_value IN ARRAY policy.list_values LOOP
            PERFORM platform.create_list_partition(policy, month, list_value);
        END LOOP;
    END IF;
    PERFORM platform.copy_truncate_triggers(root, qualified::regclass);
    EXECUTE format(
        'COMMENT ON TABLE %s IS %L', qualified, format('Rows of %s in %s (UTC).', root, to_char(month, 'FMMonth YYYY'))
    );
    EXECUTE format(
        'ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
        root, qualified, month::timestamptz, (month + interval '1 month')::timestamptz
    );
    RETURN month_name;
END
$$;

COMMENT ON FUNCTION platform.create_month(platform.partition_policies, date) IS
'Makes and attaches the partition of one month, which starts and ends at midnight UTC, with its sub-partitions. '
'Waits for locks as long as its caller''s lock_timeout says.';

CREATE OR REPLACE FUNCTION platform.create_list_partition(
    policy platform.partition_policies, month date, list_value text
)
RETURNS text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    leaf_name constant text := platform.partition_name(policy.table_name, month, list_value);
    root constant regclass := format('%I.%I', policy.schema_name, policy.table_name)::regclass;
    leaf regclass;
BEGIN
    leaf := platform.create_leaf(root, policy.schema_name, leaf_name, policy.storage_parameters);
    PERFORM platform.copy_truncate_triggers(root, leaf);
    EXECUTE format('COMMENT ON TABLE %s IS %L', leaf, format(
        'Rows of %s in %s (UTC) with %s %s.', root, to_char(month, 'FMMonth YYYY'), policy.list_column, list_value
    ));
    EXECUTE format(
        'ALTER TABLE %I.%I ATTACH PARTITION %s FOR VALUES IN (%L)',
        policy.schema_name, platform.partition_name(policy.table_name, month), leaf, list_value
    );
    RETURN leaf_name;
END
$$;

COMMENT ON FUNCTION platform.create_list_partition(platform.partition_policies, date, text) IS
'Makes the sub-partition for one value and attaches it to its month. Waits for locks as long as its '
'caller''s lock_timeout says.';
