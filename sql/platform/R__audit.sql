-- acgs: role=superuser
-- What the audit log goes by, beside the parameters pgaudit.* of the server (docs/audit.md), and beside what
-- R__privileges.sql grants acgs_audit and sets for the stack's own logins. Any other is logged in full, but without its
-- statements' texts: new ones fall on the safe side of both.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'acgs_audit') THEN
        CREATE ROLE acgs_audit;
    END IF;
END
$$;

ALTER ROLE acgs_audit NOLOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD NULL;
COMMENT ON ROLE acgs_audit IS
'pgaudit.role: what it is granted on a table is logged, whoever does it. Nobody is or becomes this role.';

-- Of superusers the text as well. Passwords in it are replaced by pgaudit itself.
DO $$
DECLARE
    login text;
BEGIN
    FOR login IN SELECT rolname FROM pg_catalog.pg_roles WHERE rolsuper AND rolcanlogin LOOP
        EXECUTE format('ALTER ROLE %I SET pgaudit.log_statement = on', login);
    END LOOP;
END
$$;
