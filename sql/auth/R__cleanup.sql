-- What has expired goes, by jobs of pg_cron (R__upkeep_schedule.sql). Each call is one statement of bounded size, so it
-- ends long before the login's statement_timeout, holds its row locks for less than a second, and what is left over
-- waits for the next call. Rows that somebody has locked are passed over: nobody waits for the clean-up, and it for
-- nobody. The rows are found in the order of an index on the time of expiry and deleted by their place (ctid), so no
-- call reads more of a table than it deletes.

CREATE OR REPLACE FUNCTION auth.cleanup_expired_sessions(batch_size integer DEFAULT 20000)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '2s'
-- A plan for any batch size would reckon with a tenth of the table.
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    removed bigint;
BEGIN
    IF batch_size IS NULL OR batch_size NOT BETWEEN 1 AND 100000 THEN
        RAISE EXCEPTION 'cleanup_expired_sessions(%): the size of a batch is from 1 to 100000',
            coalesce(batch_size::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- Apart, because each has an index of its own: idx_sessions_cleanup and idx_sessions_expires_active.
    WITH ended AS (
        SELECT ctid AS place FROM auth.sessions
        WHERE is_active = false AND expires_at <= now()
        ORDER BY expires_at
        LIMIT batch_size
        FOR UPDATE SKIP LOCKED
    ), forgotten AS (
        SELECT ctid AS place FROM auth.sessions
        WHERE is_active = true AND expires_at <= now()
        ORDER BY expires_at
        LIMIT batch_size
        FOR UPDATE SKIP LOCKED
    )
    DELETE FROM auth.sessions
    WHERE ctid = ANY (ARRAY(SELECT place FROM ended UNION ALL SELECT place FROM forgotten));
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END
$$;

COMMENT ON FUNCTION auth.cleanup_expired_sessions(integer) IS
'Deletes sessions that have expired, the oldest first: at most so many that were ended by a log-out and so many that '
'were not. Passes over locked ones. Returns how many. Throws invalid_parameter_value for a size that is not from 1 to '
'100000.';

CREATE OR REPLACE FUNCTION auth.cleanup_expired_tokens(batch_size integer DEFAULT 20000)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '2s'
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    oauth_removed bigint;
    mfa_removed bigint;
BEGIN
    IF batch_size IS NULL OR batch_size NOT BETWEEN 1 AND 100000 THEN
        RAISE EXCEPTION 'cleanup_expired_tokens(%): the size of a batch is from 1 to 100000',
            coalesce(batch_size::text, 'NULL') USING ERRCODE = 'invalid_parameter_value';
    END IF;
    DELETE FROM auth.oauth_tokens
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM auth.oauth_tokens
        WHERE usable_until <= now()
        ORDER BY usable_until
        LIMIT batch_size
        FOR UPDATE SKIP LOCKED
    ));
    GET DIAGNOSTICS oauth_removed = ROW_COUNT;
    DELETE FROM auth.mfa_tokens
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM auth.mfa_tokens
        WHERE expires_at <= now()
        ORDER BY expires_at
        LIMIT batch_size
        FOR UPDATE SKIP LOCKED
    ));
    GET DIAGNOSTICS mfa_removed = ROW_COUNT;
    RETURN jsonb_build_object('oauth_tokens', oauth_removed, 'mfa_tokens', mfa_removed);
END
$$;

COMMENT ON FUNCTION auth.cleanup_expired_tokens(integer) IS
'Deletes OAuth tokens that can neither be used nor refreshed any more, and second factors that have expired, at most so '
'many of each. Passes over locked ones. Returns how many by table. Throws invalid_parameter_value for a size that is '
'not from 1 to 100000.';
