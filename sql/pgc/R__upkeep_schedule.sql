-- acgs: role=superuser
-- The jobs of pgc. They run as pgc_service, which can log in (pg_cron's workers need that) and may do no more than what
-- these functions allow. Times are GMT.

SELECT platform.schedule_job(
    'pgc-daily-partition-maintenance', '29 1 * * *', 'SELECT pgc.daily_partition_maintenance()', 'pgc_service'
);
SELECT platform.schedule_job(
    'pgc-refresh-statistics', '59 2 * * 0', 'SELECT pgc.refresh_statistics()', 'pgc_service'
);
