-- acgs: role=superuser
-- The jobs of ec: rounds that commit after every step, as acgs_upkeep. Times are GMT.

SELECT platform.schedule_job(
    'ec-daily-partition-maintenance', '49 1 * * *', $$CALL platform.partition_round('ec', true, NULL)$$,
    'acgs_upkeep'
);
SELECT platform.schedule_job(
    'ec-refresh-statistics', '21 3 * * 0', $$CALL platform.statistics_round('ec', false)$$, 'acgs_upkeep'
);
