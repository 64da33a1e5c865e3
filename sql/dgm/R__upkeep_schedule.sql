-- acgs: role=superuser
-- The jobs of dgm. Rounds that commit after every step run as acgs_upkeep, the others as dgm_service, which can log in
-- (pg_cron's workers need that) and may do no more than what these functions allow. Times are GMT.

SELECT platform.schedule_job(
    'dgm-daily-partition-maintenance', '17 1 * * *', $$CALL platform.partition_round('dgm', true, NULL)$$,
    'acgs_upkeep'
);
-- After the round: what lay in the months that it dropped may be the last that named an improvement.
SELECT platform.schedule_job(
    'dgm-forget-unreferenced-improvements', '21 1 * * *', 'SELECT dgm.forget_unreferenced_improvements()', 'acgs_upkeep'
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
    'dgm-refresh-statistics', '37 2 * * 0', $$CALL platform.statistics_round('dgm', true)$$, 'acgs_upkeep'
);
