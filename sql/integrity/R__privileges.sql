-- acgs: last
-- Made from components/roles/privileges by `npm run privileges`; do not edit.
-- First everything is taken from everybody, then given as the table has it: in one transaction, so that nobody sees the
-- state between. Runs after all other files of this folder, and again whenever one of them did: what is dropped and made
-- anew has lost its privileges, and default privileges give nobody anything. Partitions stay closed: who reads or writes
-- them goes through the table above.

ALTER DEFAULT PRIVILEGES IN SCHEMA integrity REVOKE ALL ON TABLES FROM integrity_service, acgs_writer, acgs_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA integrity REVOKE ALL ON SEQUENCES FROM integrity_service, acgs_writer, acgs_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA integrity REVOKE ALL ON FUNCTIONS FROM integrity_service, acgs_writer, acgs_reader;

SELECT platform.withdraw_privileges('integrity');

GRANT SELECT, INSERT (
    occurred_at, user_id, request_id, service_name, action, resource_type, resource_id, outcome, client_address, details, constitutional_hash
) ON TABLE integrity.audit_logs TO integrity_service, acgs_writer;
GRANT USAGE ON SEQUENCE integrity.audit_logs_id_seq TO integrity_service, acgs_writer;
GRANT SELECT ON TABLE integrity.audit_logs TO acgs_reader;
GRANT SELECT ON TABLE integrity.audit_seals TO integrity_service, acgs_writer, acgs_reader;
GRANT SELECT ON TABLE integrity.audit_seal_entries TO integrity_service, acgs_writer, acgs_reader;
GRANT SELECT, INSERT, UPDATE (
    owner_id, issuer_certificate_id, status, revoked_at, revocation_reason
) ON TABLE integrity.certificates TO integrity_service;
GRANT SELECT ON TABLE integrity.certificates TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT, UPDATE (
    owner_id, private_key_reference, trust_level, status, expires_at, revoked_at
) ON TABLE integrity.pgp_keys TO integrity_service;
GRANT SELECT ON TABLE integrity.pgp_keys TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT, UPDATE (
    verification_status, verified_at, verification_error, expires_at
) ON TABLE integrity.signatures TO integrity_service;
GRANT SELECT ON TABLE integrity.signatures TO acgs_writer, acgs_reader;
GRANT SELECT, INSERT, UPDATE (
    verification_status, verified_at, metadata
) ON TABLE integrity.hash_records TO integrity_service;
GRANT SELECT ON TABLE integrity.hash_records TO acgs_writer, acgs_reader;
GRANT SELECT ON TABLE integrity.audit_chain_head TO integrity_service, acgs_writer, acgs_reader;
GRANT EXECUTE ON FUNCTION integrity.daily_partition_maintenance() TO integrity_service;
GRANT EXECUTE ON FUNCTION integrity.refresh_statistics() TO integrity_service;
GRANT EXECUTE ON FUNCTION integrity.seal_audit_logs(integer, integer) TO integrity_service;
GRANT EXECUTE ON FUNCTION integrity.audit_log_hash(integrity.audit_logs) TO integrity_service, acgs_writer, acgs_reader;
GRANT EXECUTE ON FUNCTION integrity.audit_entries_hash(bigint[], bytea[]) TO integrity_service, acgs_writer, acgs_reader;
GRANT EXECUTE ON FUNCTION integrity.audit_seal_hash(integrity.audit_seals) TO integrity_service, acgs_writer, acgs_reader;
GRANT EXECUTE ON FUNCTION integrity.audit_seal_faults(bigint) TO integrity_service, acgs_writer, acgs_reader;
GRANT EXECUTE ON FUNCTION integrity.audit_row_faults(integrity.audit_seals, timestamp with time zone) TO integrity_service, acgs_writer, acgs_reader;
GRANT EXECUTE ON FUNCTION integrity.verify_audit_chain(bigint, bigint, bytea) TO integrity_service, acgs_writer, acgs_reader;
GRANT EXECUTE ON FUNCTION integrity.spot_check_audit_chain(integer) TO integrity_service, acgs_writer, acgs_reader;

GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA integrity TO acgs_audit;
ALTER DEFAULT PRIVILEGES IN SCHEMA integrity GRANT INSERT, UPDATE, DELETE ON TABLES TO acgs_audit;
