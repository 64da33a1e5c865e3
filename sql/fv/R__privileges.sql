-- acgs: last
-- Made from components/roles/privileges by `npm run privileges`; do not edit.
-- First everything is taken from everybody, then given as the table has it: in one transaction, so that nobody sees the
-- state between. Runs after all other files of this folder, and again whenever one of them did: what is dropped and made
-- anew has lost its privileges, and default privileges give nobody anything. Partitions stay closed: who reads or writes
-- them goes through the table above.

ALTER DEFAULT PRIVILEGES IN SCHEMA fv REVOKE ALL ON TABLES FROM fv_service, acgs_writer, acgs_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA fv REVOKE ALL ON SEQUENCES FROM fv_service, acgs_writer, acgs_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA fv REVOKE ALL ON FUNCTIONS FROM fv_service, acgs_writer, acgs_reader;

SELECT platform.withdraw_privileges('fv');

GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE fv.safety_properties TO fv_service;
GRANT SELECT ON TABLE fv.safety_properties TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE fv.verification_rules TO fv_service;
GRANT SELECT ON TABLE fv.verification_rules TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT, UPDATE ON TABLE fv.verification_results TO fv_service, acgs_writer;
GRANT SELECT ON TABLE fv.verification_results TO acgs_reader;
GRANT SELECT, INSERT, UPDATE ON TABLE fv.consistency_checks TO fv_service, acgs_writer;
GRANT SELECT ON TABLE fv.consistency_checks TO acgs_reader;
GRANT SELECT, INSERT, UPDATE ON TABLE fv.fairness_assessments TO fv_service, acgs_writer;
GRANT SELECT ON TABLE fv.fairness_assessments TO acgs_reader;
