-- Who fills dgm.metric_aggregations: this function, by a job every hour and every day (R__upkeep_schedule.sql).

CREATE OR REPLACE FUNCTION dgm.aggregate_metrics(size text, since timestamptz, until timestamptz DEFAULT now())
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    first_window timestamptz;
    end_of_last timestamptz;
    written bigint;
BEGIN
    IF size IS NULL OR size NOT IN ('minute', 'hour', 'day', 'week', 'month') THEN
        RAISE EXCEPTION 'aggregate_metrics(%): the size of a window is minute, hour, day, week or month',
            coalesce(quote_literal(size), 'NULL') USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Whole windows only. The one that is still open would be wrong until it is computed again.
    first_window := date_trunc(size, since);
    end_of_last := date_trunc(size, until);
    INSERT INTO dgm.metric_aggregations AS present (
        service_name, metric_type, metric_name, window_size, window_start, window_end, sample_count, value_sum,
        value_avg, value_min, value_max, value_stddev, value_p50, value_p95, value_p99
    )
    SELECT
        m.service_name, m.metric_type, m.metric_name, size, date_trunc(size, m."timestamp"),
        date_trunc(size, m."timestamp") + ('1 ' || size)::interval, count(*), sum(m.metric_value),
        avg(m.metric_value), min(m.metric_value), max(m.metric_value), stddev_samp(m.metric_value),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY m.metric_value),
        percentile_cont(0.95) WITHIN GROUP (ORDER BY m.metric_value),
        percentile_cont(0.99) WITHIN GROUP (ORDER BY m.metric_value)
    FROM dgm.performance_metrics AS m
    WHERE m."timestamp" >= first_window AND m."timestamp" < end_of_last
    GROUP BY m.service_name, m.metric_type, m.metric_name, date_trunc(size, m."timestamp")
    ON CONFLICT ON CONSTRAINT metric_aggregations_window_key DO UPDATE SET
        sample_count = excluded.sample_count, value_sum = excluded.value_sum, value_avg = excluded.value_avg,
        value_min = excluded.value_min, value_max = excluded.value_max, value_stddev = excluded.value_stddev,
        value_p50 = excluded.value_p50, value_p95 = excluded.value_p95, value_p99 = excluded.value_p99,
        computed_at = now()
    -- A window can have lost rows to retention in the meantime: never replace a fuller one.
    WHERE present.sample_count <= excluded.sample_count;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END
$$;

COMMENT ON FUNCTION dgm.aggregate_metrics(text, timestamptz, timestamptz) IS
'Condenses dgm.performance_metrics into dgm.metric_aggregations for all whole windows (minute, hour, day, week, month, '
'in UTC) from that which holds the first time up to the second time, and computes again those that are there. '
'Returns how many were written. Throws invalid_parameter_value for another size.';
