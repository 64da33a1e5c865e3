-- Verification: what differs between the rows that are there, the rows that were sealed, and the chain of seals.
-- STABLE, so that each call works on one snapshot, whatever is recorded and sealed meanwhile.

CREATE OR REPLACE FUNCTION integrity.audit_seal_faults(first_seal bigint)
RETURNS TABLE (seal_number bigint, fault text, entry_id bigint, detail text)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $$
    WITH chain AS (
        SELECT
            seal.*,
            integrity.audit_seal_hash(seal) AS computed_hash,
            lag(seal.seal_number, 1, CASE first_seal WHEN 1 THEN 0 END) OVER numbers AS before_number,
            lag(seal.seal_hash, 1, decode(repeat('00', 32), 'hex')) OVER numbers AS before_hash,
            lag(seal.to_xid, 1, '0') OVER numbers AS before_xid,
            lag(seal.to_id, 1, 0) OVER numbers AS before_id,
            lag(seal.retained_from, 1, '-infinity') OVER numbers AS before_retained_from
        FROM integrity.audit_seals AS seal
        WHERE seal.seal_number >= first_seal - 1
        WINDOW numbers AS (ORDER BY seal.seal_number)
    )

    SELECT chain.seal_number, found.fault, NULL::bigint, found.detail
    FROM chain CROSS JOIN LATERAL (
        SELECT
            'seal_missing' AS fault,
            format('seals %s to %s before it are missing', chain.before_number + 1, chain.seal_number - 1) AS detail
        WHERE chain.before_number < chain.seal_number - 1
        UNION ALL
        SELECT 'seal_missing', format('seal %s before it is missing', first_seal - 1)
        WHERE chain.before_number IS NULL AND chain.seal_number = first_seal
        UNION ALL
        SELECT 'seal_altered', 'its columns do not have its seal_hash'
        WHERE chain.computed_hash <> chain.seal_hash
        UNION ALL
        SELECT 'seal_altered', 'it does not follow the seal before: one of both was altered'
        WHERE chain.before_number = chain.seal_number - 1
            AND (
                (chain.previous_hash, chain.from_xid, chain.from_id)
                <> (chain.before_hash, chain.before_xid, chain.before_id)
                OR chain.retained_from < chain.before_retained_from
            )
    ) AS found
    WHERE chain.seal_number >= first_seal
    ORDER BY chain.seal_number
$$;

CREATE OR REPLACE FUNCTION integrity.audit_row_faults(seal integrity.audit_seals, dropped_before timestamptz)
RETURNS TABLE (fault text, entry_id bigint, detail text)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    present record;
BEGIN
    SELECT
        count(*) AS months,
        sha256(coalesce(string_agg(
            date_send(entries.created_month) || integrity.audit_entries_hash(entries.entry_ids, entries.entry_hashes),
            '' ORDER BY entries.created_month
        ), '')) AS hash
    INTO present
    FROM integrity.audit_seal_entries AS entries
    WHERE entries.seal_number = seal.seal_number AND entries.sealed_at = seal.sealed_at;
    IF present.hash <> seal.entries_hash THEN
        -- Entries are dropped by the month in which they were sealed, and then their rows are past retention too.
        IF present.months = 0 AND date_trunc('month', seal.sealed_at, 'UTC') < dropped_before THEN
            RETURN;
        END IF;
        fault := 'entries_altered';
        detail := CASE present.months
            WHEN 0 THEN 'its entries are missing' ELSE 'its entries do not have its entries_hash'
        END;
        RETURN NEXT;
    END IF;
    RETURN QUERY
    SELECT
        CASE
            WHEN found.id IS NULL THEN 'row_removed'
            WHEN sealed.id IS NULL THEN 'row_added'
            ELSE 'row_altered'
        END,
        coalesce(sealed.id, found.id),
        format('created in %s', to_char(coalesce(sealed.created_month, found.created_month), 'YYYY-MM'))
    FROM (
        SELECT entries.created_month, entry.id, entry.hash
        FROM integrity.audit_seal_entries AS entries
        CROSS JOIN unnest(entries.entry_ids, entries.entry_hashes) AS entry (id, hash)
        WHERE entries.seal_number = seal.seal_number AND entries.sealed_at = seal.sealed_at
    ) AS sealed
    FULL JOIN (
        SELECT
            date_trunc('month', log.created_at AT TIME ZONE 'UTC')::date AS created_month,
            log.id,
            integrity.audit_log_hash(log) AS hash
        FROM integrity.audit_logs AS log
        WHERE (log.recorded_xid, log.id) >= (seal.from_xid, seal.from_id)
            AND (log.recorded_xid, log.id) < (seal.to_xid, seal.to_id)
    ) AS found ON sealed.id = found.id AND sealed.created_month = found.created_month
    WHERE sealed.hash IS DISTINCT FROM found.hash
        AND NOT (found.id IS NULL AND sealed.created_month < dropped_before AT TIME ZONE 'UTC')
    ORDER BY 2, 1;
END
$$;

CREATE OR REPLACE FUNCTION integrity.verify_audit_chain(
    from_seal bigint DEFAULT 1, to_seal bigint DEFAULT NULL, known_hash bytea DEFAULT NULL
)
RETURNS TABLE (seal_number bigint, fault text, entry_id bigint, detail text)
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    latest integrity.audit_seals;
    seal integrity.audit_seals;
BEGIN
    IF from_seal IS NULL OR from_seal < 1 OR to_seal < from_seal THEN
        RAISE EXCEPTION 'verify_audit_chain(%, %): seals are numbered from 1, and the first comes before the last',
            from_seal, to_seal USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT * INTO latest FROM integrity.audit_seals AS seals ORDER BY seals.seal_number DESC LIMIT 1;
    IF coalesce(to_seal, from_seal) > coalesce(latest.seal_number, 0) THEN
        RETURN QUERY SELECT
            coalesce(to_seal, from_seal), 'seal_missing', NULL::bigint,
            format('the chain ends at seal %s', coalesce(latest.seal_number, 0));
    END IF;
    -- Up to the end, whatever was asked for: what may be missing by retention is read from the last seal.
    RETURN QUERY SELECT * FROM integrity.audit_seal_faults(from_seal);
    FOR seal IN
        SELECT * FROM integrity.audit_seals AS seals
        WHERE seals.seal_number BETWEEN from_seal AND coalesce(to_seal, latest.seal_number)
        ORDER BY seals.seal_number
    LOOP
        RETURN QUERY
        SELECT seal.seal_number, faults.* FROM integrity.audit_row_faults(seal, latest.retained_from) AS faults;
    END LOOP;
    IF seal.seal_number = coalesce(to_seal, latest.seal_number) AND seal.seal_hash <> known_hash THEN
        RETURN QUERY SELECT seal.seal_number, 'seal_altered', NULL::bigint,
            format('its hash is %s, known is %s', encode(seal.seal_hash, 'hex'), encode(known_hash, 'hex'));
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION integrity.spot_check_audit_chain(seals integer DEFAULT 20)
RETURNS bigint
LANGUAGE plpgsql
STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    started constant timestamptz := clock_timestamp();
    latest integrity.audit_seals;
    seal integrity.audit_seals;
    faulty record;
    checked bigint := 0;
BEGIN
    SELECT * INTO latest FROM integrity.audit_seals AS present ORDER BY present.seal_number DESC LIMIT 1;
    SELECT faults.seal_number, faults.fault, faults.entry_id, faults.detail INTO faulty
    FROM integrity.audit_seal_faults(greatest(1, latest.seal_number - 100000)) AS faults LIMIT 1;
    FOR seal IN
        SELECT present.* FROM integrity.audit_seals AS present
        WHERE present.seal_number > latest.seal_number - seals OR present.seal_number IN (
            SELECT 1 + floor(random() * latest.seal_number)::bigint FROM generate_series(1, seals)
        )
        ORDER BY present.seal_number DESC
    LOOP
        EXIT WHEN faulty.fault IS NOT NULL OR clock_timestamp() > started + interval '12 seconds';
        SELECT seal.seal_number, faults.fault, faults.entry_id, faults.detail INTO faulty
        FROM integrity.audit_row_faults(seal, latest.retained_from) AS faults LIMIT 1;
        checked := checked + 1;
    END LOOP;
    IF faulty.fault IS NOT NULL THEN
        RAISE EXCEPTION 'the audit trail was tampered with: seal %, %, entry %: %',
            faulty.seal_number, faulty.fault, coalesce(faulty.entry_id::text, 'none'), faulty.detail
            USING ERRCODE = 'data_corrupted',
                HINT = 'integrity.verify_audit_chain() lists every fault; docs/integrity.md says what to do.';
    END IF;
    RETURN checked;
END
$$;

COMMENT ON FUNCTION integrity.audit_seal_faults(bigint) IS
'Faults of the chain of seals itself, from a seal number to the end: seal_missing, seal_altered.';
COMMENT ON FUNCTION integrity.audit_row_faults(integrity.audit_seals, timestamptz) IS
'Faults of the rows of one seal: row_altered, row_removed, row_added, entries_altered. Rows created in a month before '
'dropped_before may be missing.';
COMMENT ON FUNCTION integrity.verify_audit_chain(bigint, bigint, bytea) IS
'Every fault of the audit trail: seals from from_seal to the end, and the rows of those up to to_seal (default: the '
'last one). known_hash is the hash of to_seal as it was kept elsewhere (audit_chain_head). No rows: no fault. '
'About 0.1 s per seal of 10000 rows.';
COMMENT ON FUNCTION integrity.spot_check_audit_chain(integer) IS
'Verifies the newest seals and as many others at random, for at most 12 s. Returns how many; throws data_corrupted '
'with the first fault.';
