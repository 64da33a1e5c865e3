-- acgs: last
-- Made from components/roles/privileges by `npm run privileges`; do not edit.
-- First everything is taken from everybody, then given as the table has it: in one transaction, so that nobody sees the
-- state between. Runs after all other files of this folder, and again whenever one of them did: what is dropped and made
-- anew has lost its privileges, and default privileges give nobody anything. Partitions stay closed: who reads or writes
-- them goes through the table above.

ALTER DEFAULT PRIVILEGES IN SCHEMA gs REVOKE ALL ON TABLES FROM gs_service, acgs_writer, acgs_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA gs REVOKE ALL ON SEQUENCES FROM gs_service, acgs_writer, acgs_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA gs REVOKE ALL ON FUNCTIONS FROM gs_service, acgs_writer, acgs_reader;

SELECT platform.withdraw_privileges('gs');

GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE gs.policy_templates TO gs_service;
GRANT SELECT ON TABLE gs.policy_templates TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT, UPDATE ON TABLE gs.synthesis_history TO gs_service, acgs_writer;
GRANT SELECT ON TABLE gs.synthesis_history TO acgs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE gs.policies TO gs_service;
GRANT SELECT ON TABLE gs.policies TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT, UPDATE ON TABLE gs.multi_model_consensus TO gs_service, acgs_writer;
GRANT SELECT ON TABLE gs.multi_model_consensus TO acgs_reader;
GRANT SELECT, INSERT, UPDATE ON TABLE gs.wina_optimizations TO gs_service, acgs_writer;
GRANT SELECT ON TABLE gs.wina_optimizations TO acgs_reader;
GRANT SELECT, INSERT, UPDATE (
    prompt, response
) ON TABLE gs.llm_interactions TO gs_service;
GRANT USAGE ON SEQUENCE gs.llm_interactions_id_seq TO gs_service, acgs_writer;
GRANT SELECT, INSERT ON TABLE gs.llm_interactions TO acgs_writer;
GRANT SELECT ON TABLE gs.llm_interactions TO acgs_reader;
GRANT EXECUTE ON FUNCTION gs.daily_partition_maintenance() TO gs_service;
GRANT EXECUTE ON FUNCTION gs.refresh_statistics() TO gs_service;
GRANT EXECUTE ON FUNCTION gs.activate_policy(uuid) TO gs_service;
