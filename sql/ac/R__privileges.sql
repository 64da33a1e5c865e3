-- acgs: last
-- Made from components/roles/privileges by `npm run privileges`; do not edit.
-- First everything is taken from everybody, then given as the table has it: in one transaction, so that nobody sees the
-- state between. Runs after all other files of this folder, and again whenever one of them did: what is dropped and made
-- anew has lost its privileges, and default privileges give nobody anything. Partitions stay closed: who reads or writes
-- them goes through the table above.

ALTER DEFAULT PRIVILEGES IN SCHEMA ac REVOKE ALL ON TABLES FROM ac_service, acgs_writer, acgs_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA ac REVOKE ALL ON SEQUENCES FROM ac_service, acgs_writer, acgs_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA ac REVOKE ALL ON FUNCTIONS FROM ac_service, acgs_writer, acgs_reader;

SELECT platform.withdraw_privileges('ac');

GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE ac.principles TO ac_service;
GRANT SELECT ON TABLE ac.principles TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE ac.meta_rules TO ac_service;
GRANT SELECT ON TABLE ac.meta_rules TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE ac.constitutional_council TO ac_service;
GRANT SELECT ON TABLE ac.constitutional_council TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT, UPDATE ON TABLE ac.principle_conflicts TO ac_service, acgs_writer;
GRANT SELECT ON TABLE ac.principle_conflicts TO acgs_reader;
GRANT SELECT, INSERT ON TABLE ac.compliance_checks TO ac_service, acgs_writer;
GRANT SELECT ON TABLE ac.compliance_checks TO acgs_reader;
GRANT SELECT ON TABLE ac.compliance_summary TO ac_service, acgs_writer, acgs_reader;
GRANT EXECUTE ON FUNCTION ac.refresh_compliance_summary() TO ac_service;
