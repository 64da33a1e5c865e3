-- What keeps the audit trail and its seals as they were written, one guard behind the other:
-- privileges say who may insert what; triggers refuse changes to everybody, acgs_owner and superusers included.
-- Who really means it disables a trigger first, a statement of its own that the audit log shows (docs/audit.md); and the chain
-- of hashes tells what was done then.

CREATE OR REPLACE FUNCTION integrity.refuse_change()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION '% of %.% refused: the audit trail is immutable', tg_op, tg_table_schema, tg_table_name
        USING ERRCODE = 'insufficient_privilege', SCHEMA = tg_table_schema, TABLE = tg_table_name,
            HINT = 'Record a new entry that corrects the old one. Whole months go by retention (docs/integrity.md).';
END
$$;

COMMENT ON FUNCTION integrity.refuse_change() IS 'Trigger: refuses any change of what was once written.';

-- Row triggers of a partitioned table are made on every partition, also on those attached later, and ALWAYS lets
-- them fire under session_replication_role = replica too. A trigger on INSERT, which could refuse a chosen
-- recorded_xid, costs an eighth of an insert; privileges on columns cost nothing.
DO $$
DECLARE
    target text;
BEGIN
    FOREACH target IN ARRAY ARRAY['audit_logs', 'audit_seals', 'audit_seal_entries'] LOOP
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON integrity.%1$I
                FOR EACH ROW EXECUTE FUNCTION integrity.refuse_change();
             CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON integrity.%1$I
                FOR EACH STATEMENT EXECUTE FUNCTION integrity.refuse_change();
             ALTER TABLE integrity.%1$I ENABLE ALWAYS TRIGGER refuse_change, ENABLE ALWAYS TRIGGER refuse_truncate',
            target
        );
    END LOOP;
END
$$;

-- Statement triggers, such as those on TRUNCATE, do not come with ATTACH. platform.create_month() copies them; this is for
-- partitions that were made otherwise.
CREATE OR REPLACE FUNCTION integrity.protect_audit_partitions()
RETURNS SETOF text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    leaf record;
BEGIN
    FOR leaf IN
        SELECT child.oid::regclass AS name
        FROM pg_inherits INNER JOIN pg_class AS child ON pg_inherits.inhrelid = child.oid
        WHERE pg_inherits.inhparent IN ('integrity.audit_logs'::regclass, 'integrity.audit_seal_entries'::regclass)
            AND NOT EXISTS (
                SELECT FROM pg_trigger
                WHERE tgrelid = child.oid AND tgname = 'refuse_truncate' AND tgenabled = 'A'
            )
        ORDER BY child.relname
    LOOP
        BEGIN
            EXECUTE format(
                'CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON %1$s
                    FOR EACH STATEMENT EXECUTE FUNCTION integrity.refuse_change();
                 ALTER TABLE %1$s ENABLE ALWAYS TRIGGER refuse_truncate', leaf.name
            );
            RETURN NEXT leaf.name::text;
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING '% is not protected from TRUNCATE: % (SQLSTATE %)', leaf.name, sqlerrm, sqlstate;
        END;
    END LOOP;
END
$$;

COMMENT ON FUNCTION integrity.protect_audit_partitions() IS
'Gives partitions of audit_logs and audit_seal_entries a trigger that refuses TRUNCATE. Returns those that lacked it. '
'Partitions that platform.ensure_months() or the daily upkeep makes have it from the start; a job of every night sees to '
'the others.';
