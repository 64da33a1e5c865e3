-- acgs: role=superuser
-- The job of ac. It runs as ac_service, which can log in (pg_cron's workers need that). Times are GMT.

-- Checks are cached for 15 minutes (requirements): the summary is never older than what a cache would give.
SELECT platform.schedule_job(
    'ac-refresh-compliance-summary', '9-59/10 * * * *', 'SELECT ac.refresh_compliance_summary()', 'ac_service'
);
