-- acgs: last
-- acgs: role=superuser
-- Made from components/roles/privileges by `npm run privileges`; do not edit.
-- First everything is taken from everybody, then given as the table has it: in one transaction, so that nobody sees the
-- state between. Runs after all other files of this folder, and again whenever one of them did: what is dropped and made
-- anew has lost its privileges, and default privileges give nobody anything. Partitions stay closed: who reads or writes
-- them goes through the table above.

REVOKE ALL ON SCHEMA platform FROM PUBLIC, acgs_client, acgs_reader, acgs_writer, acgs_user, auth_service, ac_service, integrity_service, fv_service, gs_service, pgc_service, ec_service, dgm_service, acgs_readonly, acgs_monitor, pgbouncer, acgs_user_2, auth_service_2, ac_service_2, integrity_service_2, fv_service_2, gs_service_2, pgc_service_2, ec_service_2, dgm_service_2, acgs_readonly_2, acgs_monitor_2;
SELECT platform.withdraw_privileges('platform');
GRANT USAGE ON SCHEMA platform TO acgs_client;
GRANT SELECT ON TABLE platform.partition_policies TO acgs_reader;
GRANT SELECT ON TABLE platform.partition_coverage TO acgs_reader;
GRANT SELECT ON TABLE platform.partition_skips TO acgs_monitor;
GRANT SELECT ON TABLE platform.upkeep_tasks TO acgs_monitor;
GRANT SELECT ON TABLE platform.table_size_history TO acgs_monitor;
GRANT SELECT ON TABLE platform.index_usage_history TO acgs_monitor;
GRANT SELECT ON TABLE platform.scheduled_jobs TO acgs_monitor;
GRANT SELECT ON TABLE platform.server_state TO acgs_monitor;
GRANT SELECT ON TABLE platform.connection_use TO acgs_monitor;
GRANT SELECT ON TABLE platform.replication TO acgs_monitor;
GRANT SELECT ON TABLE platform.long_transactions TO acgs_monitor;
GRANT SELECT ON TABLE platform.slow_queries TO acgs_monitor;
GRANT SELECT ON TABLE platform.table_statistics TO acgs_monitor;
GRANT SELECT ON TABLE platform.partition_sizes TO acgs_monitor;
GRANT SELECT ON TABLE platform.index_bloat TO acgs_monitor;
GRANT SELECT ON TABLE platform.table_bloat TO acgs_monitor;
GRANT SELECT ON TABLE platform.index_usage TO acgs_monitor;
GRANT SELECT ON TABLE platform.redundant_indexes TO acgs_monitor;
GRANT SELECT ON TABLE platform.invalid_indexes TO acgs_monitor;
GRANT SELECT ON TABLE platform.unindexed_foreign_keys TO acgs_monitor;
GRANT SELECT ON TABLE platform.index_usage_trend TO acgs_monitor;
GRANT EXECUTE ON FUNCTION platform.is_constitutional_hash(text) TO acgs_client;
GRANT EXECUTE ON FUNCTION platform.month_partitions(regclass) TO acgs_reader, acgs_writer, dgm_service;
GRANT EXECUTE ON FUNCTION platform.estimate_index_bloat() TO acgs_monitor;
GRANT EXECUTE ON FUNCTION platform.estimate_table_bloat() TO acgs_monitor;
GRANT EXECUTE ON FUNCTION platform.run_upkeep() TO acgs_upkeep;

REVOKE ALL ON SCHEMA pgbouncer FROM PUBLIC, acgs_client, acgs_reader, acgs_writer, acgs_user, auth_service, ac_service, integrity_service, fv_service, gs_service, pgc_service, ec_service, dgm_service, acgs_readonly, acgs_monitor, pgbouncer, acgs_user_2, auth_service_2, ac_service_2, integrity_service_2, fv_service_2, gs_service_2, pgc_service_2, ec_service_2, dgm_service_2, acgs_readonly_2, acgs_monitor_2;
SELECT platform.withdraw_privileges('pgbouncer');
GRANT USAGE ON SCHEMA pgbouncer TO pgbouncer;
GRANT EXECUTE ON FUNCTION pgbouncer.get_auth(text) TO pgbouncer;

REVOKE ALL ON SCHEMA vault FROM PUBLIC, acgs_client, acgs_reader, acgs_writer, acgs_user, auth_service, ac_service, integrity_service, fv_service, gs_service, pgc_service, ec_service, dgm_service, acgs_readonly, acgs_monitor, pgbouncer, acgs_user_2, auth_service_2, ac_service_2, integrity_service_2, fv_service_2, gs_service_2, pgc_service_2, ec_service_2, dgm_service_2, acgs_readonly_2, acgs_monitor_2;
SELECT platform.withdraw_privileges('vault');
GRANT USAGE ON SCHEMA vault TO acgs_owner, acgs_vault;
GRANT EXECUTE ON FUNCTION vault.active_key() TO acgs_owner;
GRANT EXECUTE ON FUNCTION vault.seal(uuid, jsonb) TO acgs_owner;
GRANT EXECUTE ON FUNCTION vault.open(uuid, bytea, integer) TO acgs_owner;

REVOKE ALL ON SCHEMA deploy FROM PUBLIC, acgs_client, acgs_reader, acgs_writer, acgs_user, auth_service, ac_service, integrity_service, fv_service, gs_service, pgc_service, ec_service, dgm_service, acgs_readonly, acgs_monitor, pgbouncer, acgs_user_2, auth_service_2, ac_service_2, integrity_service_2, fv_service_2, gs_service_2, pgc_service_2, ec_service_2, dgm_service_2, acgs_readonly_2, acgs_monitor_2;
SELECT platform.withdraw_privileges('deploy');

REVOKE ALL ON SCHEMA cron FROM PUBLIC, acgs_client, acgs_reader, acgs_writer, acgs_user, auth_service, ac_service, integrity_service, fv_service, gs_service, pgc_service, ec_service, dgm_service, acgs_readonly, acgs_monitor, pgbouncer, acgs_user_2, auth_service_2, ac_service_2, integrity_service_2, fv_service_2, gs_service_2, pgc_service_2, ec_service_2, dgm_service_2, acgs_readonly_2, acgs_monitor_2;
SELECT platform.withdraw_privileges('cron');
GRANT USAGE ON SCHEMA cron TO acgs_upkeep;

REVOKE ALL ON SCHEMA public FROM PUBLIC, acgs_client, acgs_reader, acgs_writer, acgs_user, auth_service, ac_service, integrity_service, fv_service, gs_service, pgc_service, ec_service, dgm_service, acgs_readonly, acgs_monitor, pgbouncer, acgs_user_2, auth_service_2, ac_service_2, integrity_service_2, fv_service_2, gs_service_2, pgc_service_2, ec_service_2, dgm_service_2, acgs_readonly_2, acgs_monitor_2;
SELECT platform.withdraw_privileges('public');
GRANT USAGE ON SCHEMA public TO acgs_owner, acgs_client, acgs_vault;
GRANT SELECT ON TABLE public.pg_stat_statements TO acgs_owner, acgs_monitor;
GRANT SELECT ON TABLE public.pg_stat_statements_info TO acgs_owner, acgs_monitor;
GRANT EXECUTE ON FUNCTION public.pg_stat_statements(boolean) TO acgs_owner, acgs_client;
GRANT EXECUTE ON FUNCTION public.pg_stat_statements_info() TO acgs_owner, acgs_monitor;
GRANT EXECUTE ON FUNCTION public.pgp_sym_encrypt(text, text, text) TO acgs_vault;
GRANT EXECUTE ON FUNCTION public.pgp_sym_decrypt(bytea, text) TO acgs_vault;

DO $$
DECLARE
    routine regprocedure;
BEGIN
    FOR routine IN
        SELECT member.objid::regprocedure
        FROM pg_depend AS member INNER JOIN pg_extension AS extension ON member.refobjid = extension.oid
        WHERE member.refclassid = 'pg_extension'::regclass AND member.classid = 'pg_proc'::regclass
            AND member.deptype = 'e' AND extension.extname IN ('pgcrypto', 'pg_trgm', 'uuid-ossp')
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO acgs_owner, acgs_client', routine);
    END LOOP;
END
$$;

REVOKE ALL ON LANGUAGE plpgsql FROM PUBLIC;
GRANT USAGE ON LANGUAGE plpgsql TO acgs_owner;
REVOKE ALL ON LANGUAGE sql FROM PUBLIC;
GRANT USAGE ON LANGUAGE sql TO acgs_owner;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text, bigint, bigint, boolean) TO acgs_vault;
REVOKE ALL ON FUNCTION pg_catalog.lo_creat(integer), pg_catalog.lo_create(oid), pg_catalog.lo_from_bytea(oid, bytea) FROM PUBLIC;

REVOKE ALL ON DATABASE postgres FROM PUBLIC;
REVOKE ALL ON DATABASE template1 FROM PUBLIC;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'rewind') THEN
        GRANT CONNECT ON DATABASE postgres TO rewind;
    END IF;
END
$$;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'acgs_deployer') THEN
        GRANT CONNECT ON DATABASE postgres TO acgs_deployer;
    END IF;
END
$$;

ALTER ROLE acgs_user SET lock_timeout = '10s';
ALTER ROLE acgs_user SET pgaudit.log = 'ddl,role';
ALTER ROLE auth_service SET lock_timeout = '10s';
ALTER ROLE auth_service SET pgaudit.log = 'ddl,role';
ALTER ROLE ac_service SET lock_timeout = '10s';
ALTER ROLE ac_service SET pgaudit.log = 'ddl,role';
ALTER ROLE integrity_service SET lock_timeout = '10s';
ALTER ROLE integrity_service SET pgaudit.log = 'ddl,role';
ALTER ROLE fv_service SET lock_timeout = '10s';
ALTER ROLE fv_service SET pgaudit.log = 'ddl,role';
ALTER ROLE gs_service SET lock_timeout = '10s';
ALTER ROLE gs_service SET pgaudit.log = 'ddl,role';
ALTER ROLE pgc_service SET lock_timeout = '10s';
ALTER ROLE pgc_service SET pgaudit.log = 'ddl,role';
ALTER ROLE ec_service SET lock_timeout = '10s';
ALTER ROLE ec_service SET pgaudit.log = 'ddl,role';
ALTER ROLE dgm_service SET lock_timeout = '10s';
ALTER ROLE dgm_service SET pgaudit.log = 'ddl,role';
ALTER ROLE acgs_readonly SET lock_timeout = '10s';
ALTER ROLE acgs_readonly SET pgaudit.log = 'ddl,role';
ALTER ROLE acgs_monitor SET lock_timeout = '10s';
ALTER ROLE acgs_monitor SET pgaudit.log = 'ddl,role';
ALTER ROLE pgbouncer SET lock_timeout = '10s';
ALTER ROLE pgbouncer SET pgaudit.log = 'ddl,role';
ALTER ROLE acgs_user_2 SET lock_timeout = '10s';
ALTER ROLE acgs_user_2 SET pgaudit.log = 'ddl,role';
ALTER ROLE auth_service_2 SET lock_timeout = '10s';
ALTER ROLE auth_service_2 SET pgaudit.log = 'ddl,role';
ALTER ROLE ac_service_2 SET lock_timeout = '10s';
ALTER ROLE ac_service_2 SET pgaudit.log = 'ddl,role';
ALTER ROLE integrity_service_2 SET lock_timeout = '10s';
ALTER ROLE integrity_service_2 SET pgaudit.log = 'ddl,role';
ALTER ROLE fv_service_2 SET lock_timeout = '10s';
ALTER ROLE fv_service_2 SET pgaudit.log = 'ddl,role';
ALTER ROLE gs_service_2 SET lock_timeout = '10s';
ALTER ROLE gs_service_2 SET pgaudit.log = 'ddl,role';
ALTER ROLE pgc_service_2 SET lock_timeout = '10s';
ALTER ROLE pgc_service_2 SET pgaudit.log = 'ddl,role';
ALTER ROLE ec_service_2 SET lock_timeout = '10s';
ALTER ROLE ec_service_2 SET pgaudit.log = 'ddl,role';
ALTER ROLE dgm_service_2 SET lock_timeout = '10s';
ALTER ROLE dgm_service_2 SET pgaudit.log = 'ddl,role';
ALTER ROLE acgs_readonly_2 SET lock_timeout = '10s';
ALTER ROLE acgs_readonly_2 SET pgaudit.log = 'ddl,role';
ALTER ROLE acgs_monitor_2 SET lock_timeout = '10s';
ALTER ROLE acgs_monitor_2 SET pgaudit.log = 'ddl,role';
ALTER ROLE acgs_upkeep SET lock_timeout = '2s';
ALTER ROLE acgs_upkeep SET statement_timeout = '20min';
ALTER ROLE acgs_upkeep SET vacuum_cost_delay = '2ms';
ALTER ROLE acgs_upkeep SET vacuum_cost_limit = '400';
