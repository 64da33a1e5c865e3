-- acgs: role=superuser
-- The jobs of pgc: rounds that commit after every step, as acgs_upkeep. Times are GMT.

SELECT platform.schedule_job(
    'pgc-daily-partition-maintenance', '29 1 * * *', $$CALL platform.partition_round('pgc', true, NULL)$$,
    'acgs_upkeep'
);
SELECT platform.schedule_job(
    'pgc-refresh-statistics', '59 2 * * 0', $$CALL platform.statistics_round('pgc', false)$$, 'acgs_upkeep'
);
