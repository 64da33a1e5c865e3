-- acgs: role=superuser
-- The jobs of auth. Rounds that commit after every step run as acgs_upkeep, the others as auth_service, which can log in
-- (pg_cron's workers need that) and may do no more than what these functions allow. Times are GMT.

SELECT platform.schedule_job(
    'auth-daily-partition-maintenance', '1 1 * * *', $$CALL platform.partition_round('auth', true, NULL)$$,
    'acgs_upkeep'
);
-- 20,000 of each kind every five minutes: 66 log-outs and 66 forgotten sessions a second, day and night.
SELECT platform.schedule_job(
    'auth-cleanup-expired-sessions', '3-59/5 * * * *', 'SELECT auth.cleanup_expired_sessions()', 'auth_service'
);
SELECT platform.schedule_job(
    'auth-cleanup-expired-tokens', '9 * * * *', 'SELECT auth.cleanup_expired_tokens()', 'auth_service'
);
