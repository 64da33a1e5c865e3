-- The owner of a materialized view alone may refresh it, so the service does it through this function.

CREATE OR REPLACE FUNCTION ac.refresh_compliance_summary()
RETURNS boolean
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '2s'
AS $$
BEGIN
    IF (SELECT relispopulated FROM pg_class WHERE oid = 'ac.compliance_summary'::regclass) THEN
        -- Readers go on, and only rows that have changed are written.
        REFRESH MATERIALIZED VIEW CONCURRENTLY ac.compliance_summary;
    ELSE
        -- Nobody can read it yet: restored from a dump without data.
        REFRESH MATERIALIZED VIEW ac.compliance_summary;
    END IF;
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    -- Another refresh is at work, and what it brings is as fresh.
    RETURN false;
END
$$;

COMMENT ON FUNCTION ac.refresh_compliance_summary() IS
'Brings ac.compliance_summary up to date while readers go on. False when another refresh was at work for 2 s.';
