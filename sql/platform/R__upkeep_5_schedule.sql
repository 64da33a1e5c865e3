-- acgs: role=superuser
-- When the upkeep of all schemas runs; times are GMT. Heavy statements only begin between 1 and 5 at night, one after
-- the other. pg_cron 1.4 starts no job while another one runs: jobs of a fixed hour and minute that were held up are
-- made up for (up to three hours), so their order is what counts; those of every hour miss one.

SELECT platform.schedule_job(
    'platform-record-table-sizes', '41 0 * * *', 'SELECT platform.record_table_sizes()', 'acgs_upkeep'
);
SELECT platform.schedule_job(
    'platform-record-index-usage', '43 0 * * 0', 'SELECT platform.record_index_usage()', 'acgs_upkeep'
);
SELECT platform.schedule_job(
    'platform-plan-daily-upkeep', '51 0 * * *', 'SELECT platform.plan_daily_upkeep()', 'acgs_upkeep'
);
SELECT platform.schedule_job(
    'platform-plan-weekly-upkeep', '53 0 * * 0', 'SELECT platform.plan_weekly_upkeep()', 'acgs_upkeep'
);
SELECT platform.schedule_job(
    'platform-plan-monthly-upkeep', '55 0 1 * *', 'SELECT platform.plan_monthly_upkeep()', 'acgs_upkeep'
);
SELECT platform.schedule_job('platform-run-upkeep', '* 1-4 * * *', 'SELECT platform.run_upkeep()', 'acgs_upkeep');
