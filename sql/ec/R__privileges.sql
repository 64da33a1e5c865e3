-- acgs: last
-- Made from components/roles/privileges by `npm run privileges`; do not edit.
-- First everything is taken from everybody, then given as the table has it: in one transaction, so that nobody sees the
-- state between. Runs after all other files of this folder, and again whenever one of them did: what is dropped and made
-- anew has lost its privileges, and default privileges give nobody anything. Partitions stay closed: who reads or writes
-- them goes through the table above.

ALTER DEFAULT PRIVILEGES IN SCHEMA ec REVOKE ALL ON TABLES FROM ec_service, acgs_writer, acgs_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA ec REVOKE ALL ON SEQUENCES FROM ec_service, acgs_writer, acgs_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA ec REVOKE ALL ON FUNCTIONS FROM ec_service, acgs_writer, acgs_reader;

SELECT platform.withdraw_privileges('ec');

GRANT SELECT, INSERT, UPDATE ON TABLE ec.optimization_history TO ec_service, acgs_writer;
GRANT SELECT ON TABLE ec.optimization_history TO acgs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE ec.genetic_populations TO ec_service;
GRANT SELECT, INSERT, UPDATE ON TABLE ec.genetic_populations TO acgs_writer;
GRANT SELECT ON TABLE ec.genetic_populations TO acgs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE ec.wina_states TO ec_service;
GRANT SELECT ON TABLE ec.wina_states TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE ec.bandit_arms TO ec_service;
GRANT SELECT ON TABLE ec.bandit_arms TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT ON TABLE ec.evolution_metrics TO ec_service, acgs_writer;
GRANT USAGE ON SEQUENCE ec.evolution_metrics_id_seq TO ec_service, acgs_writer;
GRANT SELECT ON TABLE ec.evolution_metrics TO acgs_reader;
GRANT EXECUTE ON FUNCTION ec.daily_partition_maintenance() TO ec_service;
GRANT EXECUTE ON FUNCTION ec.refresh_statistics() TO ec_service;
