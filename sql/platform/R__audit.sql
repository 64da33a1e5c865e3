-- acgs: role=superuser
-- What the audit log goes by, beside the parameters pgaudit.* of the server (docs/audit.md). A login that this file does
-- not know is logged in full, but without its statements' texts: new ones fall on the safe side of both.

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

-- Default privileges reach partitions that are made later: a statement on a partition itself is looked up there.
DO $$
DECLARE
    schema_name text;
BEGIN
    FOR schema_name IN SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname IN ('dgm', 'integrity') LOOP
        EXECUTE format('GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO acgs_audit', schema_name);
        EXECUTE format(
            'ALTER DEFAULT PRIVILEGES FOR ROLE acgs_owner IN SCHEMA %I GRANT INSERT, UPDATE, DELETE ON TABLES '
            'TO acgs_audit', schema_name
        );
    END LOOP;
END
$$;

-- Clients: their writes elsewhere are not asked for, and are most of what there is. None of them may TRUNCATE, which
-- pgaudit sees by the class `write` alone. Who has the owner's rights stays as strict as the server's parameters are.
DO $$
DECLARE
    login text;
BEGIN
    FOR login IN
        SELECT rolname FROM pg_catalog.pg_roles
        WHERE rolcanlogin AND NOT rolsuper
            AND pg_has_role(oid, 'acgs_client', 'MEMBER') AND NOT pg_has_role(oid, 'acgs_owner', 'MEMBER')
    LOOP
        EXECUTE format('ALTER ROLE %I SET pgaudit.log = %L', login, 'ddl,role');
    END LOOP;
END
$$;

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
