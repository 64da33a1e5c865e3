-- acgs: role=superuser
-- The jobs of dgm. They run as dgm_service, which can log in (pg_cron's workers need that) and may do no more than
-- what these functions allow. Times are GMT.

SELECT platform.schedule_job(
    'dgm-daily-partition-maintenance', '17 1 * * *', 'SELECT dgm.daily_partition_maintenance()', 'dgm_service'
);
-- Again for some hours back: measurements that arrive late are counted.
SELECT platform.schedule_job(
    'dgm-aggregate-metrics-hourly', '7 * * * *',
    $$SELECT dgm.aggregate_metrics('hour', now() - interval '6 hours')$$, 'dgm_service'
);
SELECT platform.schedule_job(
    'dgm-aggregate-metrics-daily', '27 0 * * *',
    $$SELECT dgm.aggregate_metrics('day', now() - interval '2 days')$$, 'dgm_service'
);
SELECT platform.schedule_job(
    'dgm-refresh-statistics', '37 2 * * 0', 'SELECT dgm.refresh_statistics()', 'dgm_service'
);
