-- acgs: role=superuser
-- The jobs of integrity. Rounds that commit after every step run as acgs_upkeep, the others as integrity_service, which
-- can log in (pg_cron's workers need that) and may do no more than what these functions allow. Times are GMT.

SELECT platform.schedule_job(
    'integrity-daily-partition-maintenance', '23 1 * * *', $$CALL platform.partition_round('integrity', true, NULL)$$,
    'acgs_upkeep'
);
SELECT platform.schedule_job(
    'integrity-protect-audit-partitions', '27 1 * * *', 'SELECT integrity.protect_audit_partitions()', 'acgs_upkeep'
);
SELECT platform.schedule_job(
    'integrity-seal-audit-logs', '* * * * *', 'SELECT integrity.seal_audit_logs()', 'integrity_service'
);
-- A job that fails shows in platform.scheduled_jobs: this one fails when somebody tampered with the trail.
SELECT platform.schedule_job(
    'integrity-spot-check-audit-chain', '11 * * * *', 'SELECT integrity.spot_check_audit_chain()', 'integrity_service'
);
SELECT platform.schedule_job(
    'integrity-refresh-statistics', '53 2 * * 0', $$CALL platform.statistics_round('integrity', false)$$, 'acgs_upkeep'
);
