-- acgs: last
-- Made from components/roles/privileges by `npm run privileges`; do not edit.
-- First everything is taken from everybody, then given as the table has it: in one transaction, so that nobody sees the
-- state between. Runs after all other files of this folder, and again whenever one of them did: what is dropped and made
-- anew has lost its privileges, and default privileges give nobody anything. Partitions stay closed: who reads or writes
-- them goes through the table above.

ALTER DEFAULT PRIVILEGES IN SCHEMA dgm REVOKE ALL ON TABLES FROM dgm_service, acgs_writer, acgs_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA dgm REVOKE ALL ON SEQUENCES FROM dgm_service, acgs_writer, acgs_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA dgm REVOKE ALL ON FUNCTIONS FROM dgm_service, acgs_writer, acgs_reader;

SELECT platform.withdraw_privileges('dgm');

GRANT SELECT ON TABLE dgm.improvements TO dgm_service, acgs_writer, acgs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE dgm.dgm_archive TO dgm_service;
GRANT SELECT, INSERT, UPDATE ON TABLE dgm.dgm_archive TO acgs_writer;
GRANT SELECT ON TABLE dgm.dgm_archive TO acgs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE dgm.bandit_states TO dgm_service;
GRANT SELECT ON TABLE dgm.bandit_states TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT ON TABLE dgm.performance_metrics TO dgm_service, acgs_writer;
GRANT USAGE ON SEQUENCE dgm.performance_metrics_id_seq TO dgm_service, acgs_writer;
GRANT SELECT ON TABLE dgm.performance_metrics TO acgs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE dgm.metric_aggregations TO dgm_service;
GRANT SELECT ON TABLE dgm.metric_aggregations TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT, UPDATE (
    review_status, reviewed_by, reviewed_at
) ON TABLE dgm.constitutional_compliance_logs TO dgm_service;
GRANT SELECT, INSERT ON TABLE dgm.constitutional_compliance_logs TO acgs_writer;
GRANT SELECT ON TABLE dgm.constitutional_compliance_logs TO acgs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE dgm.improvement_workspaces TO dgm_service;
GRANT SELECT, INSERT, UPDATE ON TABLE dgm.improvement_workspaces TO acgs_writer;
GRANT SELECT ON TABLE dgm.improvement_workspaces TO acgs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE dgm.system_configurations TO dgm_service;
GRANT SELECT ON TABLE dgm.system_configurations TO acgs_writer, acgs_reader;
GRANT SELECT ON TABLE dgm.index_usage TO dgm_service, acgs_writer, acgs_reader;
GRANT SELECT ON TABLE dgm.slow_queries TO dgm_service, acgs_writer, acgs_reader;
GRANT SELECT ON TABLE dgm.partition_sizes TO dgm_service, acgs_writer, acgs_reader;
GRANT EXECUTE ON FUNCTION dgm.daily_partition_maintenance() TO dgm_service;
GRANT EXECUTE ON FUNCTION dgm.refresh_statistics() TO dgm_service;
GRANT EXECUTE ON FUNCTION dgm.aggregate_metrics(text, timestamp with time zone, timestamp with time zone) TO dgm_service;
GRANT EXECUTE ON FUNCTION dgm.set_configuration(text, text) TO dgm_service;
GRANT EXECUTE ON FUNCTION dgm.add_configuration(text, text, text, text, boolean, text) TO dgm_service;
GRANT EXECUTE ON FUNCTION dgm.configuration_from_text(text, text, text) TO dgm_service;
GRANT EXECUTE ON FUNCTION dgm.is_of_value_type(jsonb, text) TO dgm_service;
GRANT EXECUTE ON FUNCTION dgm.open_configuration(uuid) TO dgm_service;
GRANT EXECUTE ON FUNCTION dgm.get_configuration(text) TO dgm_service, acgs_writer, acgs_reader;

GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA dgm TO acgs_audit;
ALTER DEFAULT PRIVILEGES IN SCHEMA dgm GRANT INSERT, UPDATE, DELETE ON TABLES TO acgs_audit;
