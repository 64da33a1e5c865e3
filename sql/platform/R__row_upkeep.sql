-- A column that tables of all schemas have, and that the server keeps, so that no client can forget it.

CREATE OR REPLACE FUNCTION platform.stamp_updated_at()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    new.updated_at := now();
    RETURN new;
END
$$;

COMMENT ON FUNCTION platform.stamp_updated_at() IS 'Trigger: sets updated_at.';
