-- acgs: role=superuser
-- The jobs of ec. They run as ec_service, which can log in (pg_cron's workers need that) and may do no more than what
-- these functions allow. Times are GMT.

SELECT platform.schedule_job(
    'ec-daily-partition-maintenance', '49 1 * * *', 'SELECT ec.daily_partition_maintenance()', 'ec_service'
);
SELECT platform.schedule_job(
    'ec-refresh-statistics', '21 3 * * 0', 'SELECT ec.refresh_statistics()', 'ec_service'
);
