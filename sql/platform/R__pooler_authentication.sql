-- acgs: role=superuser
-- What PgBouncer asks for a client's SCRAM verifier (its auth_query). Only a superuser may read pg_authid, so
-- the function runs as its owner, and only the role `pgbouncer` may call it. Who gets no answer cannot log in
-- through the pooler, whatever the password: superusers, replication, and the internal logins.

CREATE SCHEMA IF NOT EXISTS pgbouncer;
COMMENT ON SCHEMA pgbouncer IS 'What PgBouncer needs to check the passwords of its clients.';

CREATE OR REPLACE FUNCTION pgbouncer.get_auth(login text)
RETURNS TABLE (usename text, passwd text)
LANGUAGE sql
STABLE
SECURITY DEFINER
ROWS 1
-- Pinned, pg_temp last: a caller's own schema must not stand in for the catalogue.
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT role.rolname::text, role.rolpassword
    FROM pg_catalog.pg_authid AS role
    WHERE role.rolname = login
        AND role.rolcanlogin
        -- A second login whose turn has not come yet.
        AND role.rolpassword IS NOT NULL
        AND NOT role.rolsuper
        AND NOT role.rolreplication
        AND NOT role.rolbypassrls
        AND (role.rolvaliduntil IS NULL OR role.rolvaliduntil > pg_catalog.clock_timestamp())
        AND role.rolname NOT IN ('pgbouncer', 'rewind', 'acgs_deployer')
$$;

COMMENT ON FUNCTION pgbouncer.get_auth(text) IS
'Name and SCRAM verifier of a login that may come through the pooler; no row for any other. For the auth_query '
'of PgBouncer.';
