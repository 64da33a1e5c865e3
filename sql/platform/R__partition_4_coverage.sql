-- What a monitor looks at: an insert for a month without a partition fails, so this must warn long before.

CREATE OR REPLACE VIEW platform.partition_coverage WITH (security_barrier = true) AS
SELECT
    policy.schema_name,
    policy.table_name,
    count(months.partition) AS months,
    min(months.lower_bound) AS covered_from,
    max(months.upper_bound) AS covered_to,
    policy.premake_months AS months_ahead_wanted,
    count(months.partition) FILTER (WHERE months.lower_bound > now()) AS months_ahead,
    (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'partition', skip.partition_name,
            'sqlstate', skip.sqlstate,
            'reason', skip.reason,
            'since', to_char(skip.first_skipped_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        ) ORDER BY skip.partition_name), '[]')
        FROM platform.partition_skips AS skip
        WHERE skip.schema_name = policy.schema_name AND skip.table_name = policy.table_name
    ) AS skipped
FROM platform.partition_policies AS policy
-- A table that is gone is shown with no months at all.
LEFT JOIN LATERAL (
    SELECT class.oid
    FROM pg_catalog.pg_class AS class
    INNER JOIN pg_catalog.pg_namespace AS namespace ON class.relnamespace = namespace.oid
    WHERE namespace.nspname = policy.schema_name AND class.relname = policy.table_name
) AS root ON true
LEFT JOIN LATERAL platform.month_partitions(root.oid::regclass) AS months ON months.lower_bound IS NOT NULL
GROUP BY policy.schema_name, policy.table_name, policy.premake_months;

COMMENT ON VIEW platform.partition_coverage IS
'For each table partitioned by month: how far its partitions reach, and which of them the last rounds had to skip, with '
'SQLSTATE, reason and since when. months_ahead below months_ahead_wanted for more than a day means that the daily upkeep '
'does not run, or that skipped says why.';
