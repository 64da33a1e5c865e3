-- Sealing: the chain is made behind the writers, so that none of them waits for another.
--
-- What has a transaction number below the oldest one still running is complete: its rows are committed and seen, or
-- never will be. seal_audit_logs() takes these rows, and no others, from where the last seal ended.

-- Inside hashed records, text is bytes of UTF-8: neither the client's encoding, zone nor date style has a say.
CREATE OR REPLACE FUNCTION integrity.audit_log_hash(entry integrity.audit_logs)
RETURNS bytea
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN sha256(record_send(row(
    entry.id, entry.created_at, entry.recorded_xid, entry.occurred_at, entry.user_id, entry.request_id,
    convert_to(entry.recorded_by, 'UTF8'), convert_to(entry.service_name, 'UTF8'), convert_to(entry.action, 'UTF8'),
    convert_to(entry.resource_type, 'UTF8'), convert_to(entry.resource_id, 'UTF8'), convert_to(entry.outcome, 'UTF8'),
    entry.client_address, convert_to(entry.details::text, 'UTF8'), convert_to(entry.constitutional_hash, 'UTF8')
)));

CREATE OR REPLACE FUNCTION integrity.audit_entries_hash(ids bigint [], hashes bytea [])
RETURNS bytea
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN (
    SELECT sha256(string_agg(int8send(entry.id) || entry.hash, '' ORDER BY entry.place))
    FROM unnest(ids, hashes) WITH ORDINALITY AS entry (id, hash, place)
);

CREATE OR REPLACE FUNCTION integrity.audit_seal_hash(seal integrity.audit_seals)
RETURNS bytea
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN sha256(record_send(row(
    seal.seal_number, seal.from_xid, seal.from_id, seal.to_xid, seal.to_id, seal.row_count, seal.first_id,
    seal.last_id, seal.first_created_at, seal.last_created_at, seal.retained_from, seal.sealed_at, seal.entries_hash,
    seal.previous_hash, convert_to(seal.constitutional_hash, 'UTF8')
)));

COMMENT ON FUNCTION integrity.audit_log_hash(integrity.audit_logs) IS
'SHA-256 over all columns of an audit entry, in the order of the table and the binary format of the protocol. '
'A column added later is left out unless a new function takes over from a seal number on.';
COMMENT ON FUNCTION integrity.audit_entries_hash(bigint [], bytea []) IS
'SHA-256 over the ids (8 bytes, big-endian) and hashes (32 bytes) of entries, in their order.';
COMMENT ON FUNCTION integrity.audit_seal_hash(integrity.audit_seals) IS
'SHA-256 over all columns of a seal but seal_hash, in the binary format of the protocol.';

CREATE OR REPLACE FUNCTION integrity.seal_audit_logs(
    max_rows integer DEFAULT 500000, rows_per_seal integer DEFAULT 10000
)
RETURNS bigint
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    started constant timestamptz := clock_timestamp();
    horizon xid8;
    latest integrity.audit_seals;
    next integrity.audit_seals;
    sealed_rows bigint := 0;
BEGIN
    IF max_rows IS NULL OR max_rows < 1 OR rows_per_seal IS NULL OR rows_per_seal NOT BETWEEN 1 AND 100000 THEN
        RAISE EXCEPTION 'seal_audit_logs(%, %): max_rows must be at least 1, rows_per_seal from 1 to 100000',
            max_rows, rows_per_seal USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Two at once would make the same seal. Whoever comes second has nothing to do.
    IF NOT pg_try_advisory_xact_lock(hashtext('integrity.seal_audit_logs'), 0) THEN
        RETURN 0;
    END IF;
    horizon := pg_snapshot_xmin(pg_current_snapshot());
    LOOP
        SELECT * INTO latest FROM integrity.audit_seals ORDER BY seal_number DESC LIMIT 1;
        IF NOT FOUND THEN
            latest.seal_number := 0;
            latest.to_xid := '0';
            latest.to_id := 0;
            latest.retained_from := '-infinity';
            latest.seal_hash := decode(repeat('00', 32), 'hex');
        END IF;
        IF horizon < latest.to_xid THEN
            RAISE EXCEPTION 'the server counts transactions from %, the chain of audit seals has come to %',
                horizon, latest.to_xid
                USING ERRCODE = 'object_not_in_prerequisite_state',
                    DETAIL = 'The rows were loaded into a new cluster, which counts from its own beginning.',
                    HINT = format(
                        'Keep services out, stop the server, run pg_resetwal --epoch=%s, start it (docs/integrity.md).',
                        div(latest.to_xid::text::numeric, 4294967296) + 1
                    );
        END IF;
        next := NULL;
        next.seal_number := latest.seal_number + 1;
        next.from_xid := latest.to_xid;
        next.from_id := latest.to_id;
        next.previous_hash := latest.seal_hash;
        next.sealed_at := clock_timestamp();
        next.constitutional_hash := 'cdd01ef066bc6cf2';
        -- What the policy allows retention to drop by now: rows from before may be missing without a fault.
        SELECT greatest(latest.retained_from, platform.oldest_kept_month(policy.retention_months))
        INTO STRICT next.retained_from
        FROM platform.partition_policies AS policy
        WHERE policy.schema_name = 'integrity' AND policy.table_name = 'audit_logs';

        WITH batch AS MATERIALIZED (
            SELECT log.recorded_xid, log.id, log.created_at, integrity.audit_log_hash(log) AS hash
            FROM integrity.audit_logs AS log
            WHERE (log.recorded_xid, log.id) >= (next.from_xid, next.from_id) AND log.recorded_xid < horizon
            ORDER BY log.recorded_xid, log.id
            LIMIT rows_per_seal
        ),

        entries AS (
            INSERT INTO integrity.audit_seal_entries (
                seal_number, sealed_at, created_month, entry_ids, entry_hashes, constitutional_hash
            )
            SELECT
                next.seal_number, next.sealed_at, date_trunc('month', batch.created_at AT TIME ZONE 'UTC')::date,
                array_agg(batch.id ORDER BY batch.id), array_agg(batch.hash ORDER BY batch.id), next.constitutional_hash
            FROM batch
            GROUP BY 3
            RETURNING created_month, integrity.audit_entries_hash(entry_ids, entry_hashes) AS hash
        )

        SELECT
            count(*), min(batch.id), max(batch.id), min(batch.created_at), max(batch.created_at),
            (
                SELECT sha256(coalesce(string_agg(date_send(created_month) || hash, '' ORDER BY created_month), ''))
                FROM entries
            ),
            max(batch.recorded_xid), (SELECT id + 1 FROM batch ORDER BY recorded_xid DESC, id DESC LIMIT 1)
        INTO next.row_count, next.first_id, next.last_id, next.first_created_at, next.last_created_at,
            next.entries_hash, next.to_xid, next.to_id
        FROM batch;

        -- A full seal ends right behind its last row, maybe in the midst of a large transaction.
        IF next.row_count < rows_per_seal THEN
            next.to_xid := horizon;
            next.to_id := 0;
        END IF;
        -- Nothing new: a seal per hour still, which proves that there was nothing, and one when retention moves on.
        EXIT WHEN next.row_count = 0 AND next.retained_from = latest.retained_from
            AND next.sealed_at < latest.sealed_at + interval '1 hour';
        next.seal_hash := integrity.audit_seal_hash(next);
        INSERT INTO integrity.audit_seals SELECT next.*;
        sealed_rows := sealed_rows + next.row_count;
        -- The job's login is stopped after 30 s: end well before, and go on in the next round.
        EXIT WHEN next.row_count < rows_per_seal OR sealed_rows >= max_rows
            OR clock_timestamp() > started + interval '12 seconds';
    END LOOP;
    RETURN sealed_rows;
END
$$;

COMMENT ON FUNCTION integrity.seal_audit_logs(integer, integer) IS
'Seals the audit entries that were committed since the last seal and that no running transaction can precede; ends '
'after max_rows or 12 s. Returns how many rows it sealed; 0 when another session is at it. Throws '
'object_not_in_prerequisite_state when the server counts transactions anew, as after a logical restore.';
