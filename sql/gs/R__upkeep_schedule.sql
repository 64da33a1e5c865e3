-- acgs: role=superuser
-- The jobs of gs: rounds that commit after every step, as acgs_upkeep. Times are GMT.

SELECT platform.schedule_job(
    'gs-daily-partition-maintenance', '35 1 * * *', $$CALL platform.partition_round('gs', true, NULL)$$,
    'acgs_upkeep'
);
SELECT platform.schedule_job(
    'gs-refresh-statistics', '9 3 * * 0', $$CALL platform.statistics_round('gs', false)$$, 'acgs_upkeep'
);
