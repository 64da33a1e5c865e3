-- What is read from outside. The view is dropped and made again, because a changed one may have other columns;
-- R__privileges.sql gives it to the readers anew.

DROP VIEW IF EXISTS integrity.audit_chain_head;

CREATE VIEW integrity.audit_chain_head AS
SELECT
    seal.seal_number,
    encode(seal.seal_hash, 'hex') AS seal_hash,
    seal.sealed_at,
    seal.last_created_at,
    seal.retained_from,
    seal.constitutional_hash,
    (
        SELECT log.created_at FROM integrity.audit_logs AS log
        WHERE (log.recorded_xid, log.id) >= (seal.to_xid, seal.to_id)
        ORDER BY log.recorded_xid, log.id
        LIMIT 1
    ) AS unsealed_since
FROM integrity.audit_seals AS seal
ORDER BY seal.seal_number DESC
LIMIT 1;

COMMENT ON VIEW integrity.audit_chain_head IS
'The last seal of the audit trail. Kept elsewhere, its number and hash prove later that nothing up to it was changed: '
'integrity.verify_audit_chain(1, seal_number, decode(seal_hash, ''hex'')).';
COMMENT ON COLUMN integrity.audit_chain_head.seal_number IS 'Number of the last seal.';
COMMENT ON COLUMN integrity.audit_chain_head.seal_hash IS 'Its hash: 64 hexadecimal digits.';
COMMENT ON COLUMN integrity.audit_chain_head.sealed_at IS 'When it was made.';
COMMENT ON COLUMN integrity.audit_chain_head.last_created_at IS 'created_at of its latest row; NULL when it has none.';
COMMENT ON COLUMN integrity.audit_chain_head.retained_from IS 'Rows from before may have been dropped by retention.';
COMMENT ON COLUMN integrity.audit_chain_head.constitutional_hash IS 'Constitution in force when it was made.';
COMMENT ON COLUMN integrity.audit_chain_head.unsealed_since IS
'created_at of the first row that is not sealed yet; NULL when all are. Minutes back: a transaction has been open as '
'long, or the job does not run.';
