-- The logs only grow. Privileges say so to all but the owner; a trigger, which is copied to every partition, to the owner
-- as well. Retention drops whole months, which fires none.

CREATE OR REPLACE FUNCTION auth.refuse_change()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'rows of %.% can be added, not changed or deleted', tg_table_schema, tg_table_name
        USING ERRCODE = 'insufficient_privilege', SCHEMA = tg_table_schema, TABLE = tg_table_name,
            HINT = 'Old months are dropped by retention (platform.partition_policies). Where the law wants a row '
                'gone sooner, acgs_owner disables the trigger refuse_change for that transaction.';
END
$$;

COMMENT ON FUNCTION auth.refuse_change() IS 'Trigger: refuses every update and every deletion.';

CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON auth.audit_logs
FOR EACH ROW EXECUTE FUNCTION auth.refuse_change();
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON auth.security_events
FOR EACH ROW EXECUTE FUNCTION auth.refuse_change();
