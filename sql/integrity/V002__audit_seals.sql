-- The chain of hashes over the audit trail. A seal stands for a run of rows and holds the hash of the seal before it;
-- its entries say which rows these were, each with its hash, so that a fault can be told row by row.
--
-- Rows are ordered by (recorded_xid, id), and each seal covers what lies from its start up to, but without, its end,
-- which is where the next one starts: there is no gap into which a row could be slipped.

CREATE TABLE integrity.audit_seals (
    seal_number bigint NOT NULL,
    from_xid xid8 NOT NULL,
    from_id bigint NOT NULL,
    to_xid xid8 NOT NULL,
    to_id bigint NOT NULL,
    row_count bigint NOT NULL,
    first_id bigint,
    last_id bigint,
    first_created_at timestamptz,
    last_created_at timestamptz,
    retained_from timestamptz NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT now(),
    entries_hash bytea NOT NULL,
    previous_hash bytea NOT NULL,
    seal_hash bytea NOT NULL,
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT audit_seals_pkey PRIMARY KEY (seal_number),
    CONSTRAINT audit_seals_seal_number_check CHECK (seal_number > 0),
    CONSTRAINT audit_seals_range_check CHECK ((from_xid, from_id) <= (to_xid, to_id)),
    CONSTRAINT audit_seals_row_count_check CHECK (
        row_count >= 0
        AND num_nulls(first_id, last_id, first_created_at, last_created_at) = CASE row_count WHEN 0 THEN 4 ELSE 0 END
    ),
    CONSTRAINT audit_seals_hashes_check CHECK (
        octet_length(entries_hash) = 32 AND octet_length(previous_hash) = 32 AND octet_length(seal_hash) = 32
    ),
    CONSTRAINT audit_seals_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE integrity.audit_seals IS
'Chain of hashes over audit_logs: a seal per minute and 10000 rows, written by integrity.seal_audit_logs() only. '
'Kept for ever.';
COMMENT ON COLUMN integrity.audit_seals.seal_number IS 'Place in the chain, from 1, without a gap.';
COMMENT ON COLUMN integrity.audit_seals.from_xid IS 'With from_id where the seal starts: where the one before ends.';
COMMENT ON COLUMN integrity.audit_seals.from_id IS 'See from_xid.';
COMMENT ON COLUMN integrity.audit_seals.to_xid IS
'With to_id where the seal ends: its rows have (from_xid, from_id) <= (recorded_xid, id) < (to_xid, to_id).';
COMMENT ON COLUMN integrity.audit_seals.to_id IS 'See to_xid.';
COMMENT ON COLUMN integrity.audit_seals.row_count IS
'Rows that it covers. 0 for a seal of a quiet hour, which proves that nothing was recorded.';
COMMENT ON COLUMN integrity.audit_seals.first_id IS 'Smallest id among the rows.';
COMMENT ON COLUMN integrity.audit_seals.last_id IS 'Largest id among the rows.';
COMMENT ON COLUMN integrity.audit_seals.first_created_at IS 'Smallest created_at among the rows.';
COMMENT ON COLUMN integrity.audit_seals.last_created_at IS 'Largest created_at among the rows.';
COMMENT ON COLUMN integrity.audit_seals.retained_from IS
'Rows created before this may have been dropped by retention when the seal was made; -infinity while all are kept. '
'Never goes back.';
COMMENT ON COLUMN integrity.audit_seals.sealed_at IS 'When the seal was made.';
COMMENT ON COLUMN integrity.audit_seals.entries_hash IS 'SHA-256 over audit_seal_entries of this seal.';
COMMENT ON COLUMN integrity.audit_seals.previous_hash IS
'seal_hash of the seal before; 32 zero bytes in the first one.';
COMMENT ON COLUMN integrity.audit_seals.seal_hash IS 'SHA-256 over all other columns.';
COMMENT ON COLUMN integrity.audit_seals.constitutional_hash IS 'Constitution in force when the seal was made.';

CREATE TABLE integrity.audit_seal_entries (
    seal_number bigint NOT NULL,
    sealed_at timestamptz NOT NULL,
    created_month date NOT NULL,
    entry_ids bigint [] COMPRESSION lz4 NOT NULL,
    -- Hashes cannot be compressed: the attempt would only cost time.
    entry_hashes bytea [] NOT NULL,
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT audit_seal_entries_pkey PRIMARY KEY (seal_number, created_month, sealed_at),
    CONSTRAINT audit_seal_entries_entries_check CHECK (cardinality(entry_ids) = cardinality(entry_hashes)),
    CONSTRAINT audit_seal_entries_constitutional_hash_check CHECK (
        platform.is_constitutional_hash(constitutional_hash)
    )
) PARTITION BY RANGE (sealed_at);

ALTER TABLE integrity.audit_seal_entries ALTER COLUMN entry_hashes SET STORAGE EXTERNAL;

COMMENT ON TABLE integrity.audit_seal_entries IS
'The rows of each seal with their hashes, by the month in which they were created. Partitioned by month of sealed_at '
'(UTC) and kept as long as audit_logs: a row is never sealed before it was created.';
COMMENT ON COLUMN integrity.audit_seal_entries.seal_number IS
'The seal. No foreign key: a month of entries is dropped while their seals stay.';
COMMENT ON COLUMN integrity.audit_seal_entries.sealed_at IS 'As in audit_seals; decides the partition.';
COMMENT ON COLUMN integrity.audit_seal_entries.created_month IS
'Month (UTC) of created_at of these rows: which of them go when retention drops a month.';
COMMENT ON COLUMN integrity.audit_seal_entries.entry_ids IS 'id of each row, ascending.';
COMMENT ON COLUMN integrity.audit_seal_entries.entry_hashes IS 'integrity.audit_log_hash() of each row, in that order.';
COMMENT ON COLUMN integrity.audit_seal_entries.constitutional_hash IS 'Constitution in force when the seal was made.';
