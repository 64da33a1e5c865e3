-- acgs: last
-- Made from components/roles/privileges by `npm run privileges`; do not edit.
-- First everything is taken from everybody, then given as the table has it: in one transaction, so that nobody sees the
-- state between. Runs after all other files of this folder, and again whenever one of them did: what is dropped and made
-- anew has lost its privileges, and default privileges give nobody anything. Partitions stay closed: who reads or writes
-- them goes through the table above.

ALTER DEFAULT PRIVILEGES IN SCHEMA pgc REVOKE ALL ON TABLES FROM pgc_service, acgs_writer, acgs_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA pgc REVOKE ALL ON SEQUENCES FROM pgc_service, acgs_writer, acgs_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA pgc REVOKE ALL ON FUNCTIONS FROM pgc_service, acgs_writer, acgs_reader;

SELECT platform.withdraw_privileges('pgc');

GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE pgc.opa_bundles TO pgc_service;
GRANT SELECT ON TABLE pgc.opa_bundles TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE pgc.active_policies TO pgc_service;
GRANT SELECT ON TABLE pgc.active_policies TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE pgc.policy_rules TO pgc_service;
GRANT SELECT ON TABLE pgc.policy_rules TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT ON TABLE pgc.policy_decisions TO pgc_service, acgs_writer;
GRANT USAGE ON SEQUENCE pgc.policy_decisions_id_seq TO pgc_service, acgs_writer;
GRANT SELECT ON TABLE pgc.policy_decisions TO acgs_reader;
GRANT SELECT, INSERT ON TABLE pgc.enforcement_logs TO pgc_service, acgs_writer;
GRANT USAGE ON SEQUENCE pgc.enforcement_logs_id_seq TO pgc_service, acgs_writer;
GRANT SELECT ON TABLE pgc.enforcement_logs TO acgs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE pgc.governance_workflows TO pgc_service;
GRANT SELECT ON TABLE pgc.governance_workflows TO acgs_writer, acgs_reader;
GRANT EXECUTE ON FUNCTION pgc.daily_partition_maintenance() TO pgc_service;
GRANT EXECUTE ON FUNCTION pgc.refresh_statistics() TO pgc_service;
