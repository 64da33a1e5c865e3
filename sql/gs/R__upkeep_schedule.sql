-- acgs: role=superuser
-- The jobs of gs. They run as gs_service, which can log in (pg_cron's workers need that) and may do no more than what
-- these functions allow. Times are GMT.

SELECT platform.schedule_job(
    'gs-daily-partition-maintenance', '35 1 * * *', 'SELECT gs.daily_partition_maintenance()', 'gs_service'
);
SELECT platform.schedule_job(
    'gs-refresh-statistics', '9 3 * * 0', 'SELECT gs.refresh_statistics()', 'gs_service'
);
