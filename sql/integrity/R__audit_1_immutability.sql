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

-- The columns that services do not name come from the server: id, created_at, recorded_xid, recorded_by.
REVOKE ALL ON integrity.audit_logs, integrity.audit_seals, integrity.audit_seal_entries
FROM integrity_service, acgs_writer;
GRANT SELECT ON integrity.audit_logs, integrity.audit_seals, integrity.audit_seal_entries
TO integrity_service, acgs_writer;
GRANT INSERT (
    occurred_at, user_id, request_id, service_name, action, resource_type, resource_id, outcome, client_address,
    details, constitutional_hash
) ON integrity.audit_logs TO integrity_service, acgs_writer;

-- Default privileges give services each new partition to write to, beside its parent; and statement triggers, such as
-- those on TRUNCATE, do not come to partitions by themselves.
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
        SELECT
            child.oid::regclass AS name,
            EXISTS (
                SELECT FROM pg_trigger
                WHERE tgrelid = child.oid AND tgname = 'refuse_truncate' AND tgenabled = 'A'
            ) AS has_trigger,
            EXISTS (
                SELECT FROM aclexplode(child.relacl) AS granted
                WHERE granted.grantee <> child.relowner AND granted.privilege_type <> 'SELECT'
            ) AS has_privileges
        FROM pg_inherits INNER JOIN pg_class AS child ON pg_inherits.inhrelid = child.oid
        WHERE pg_inherits.inhparent IN ('integrity.audit_logs'::regclass, 'integrity.audit_seal_entries'::regclass)
        ORDER BY child.relname
    LOOP
        IF leaf.has_privileges THEN
            EXECUTE format(
                'REVOKE INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON %s FROM %s', leaf.name, (
                    SELECT string_agg(DISTINCT coalesce(quote_ident(rolname), 'PUBLIC'), ', ')
                    FROM pg_class, aclexplode(relacl) AS granted LEFT JOIN pg_roles ON granted.grantee = pg_roles.oid
                    WHERE pg_class.oid = leaf.name AND granted.grantee <> relowner
                )
            );
        END IF;
        IF NOT leaf.has_trigger THEN
            EXECUTE format(
                'CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON %1$s
                    FOR EACH STATEMENT EXECUTE FUNCTION integrity.refuse_change();
                 ALTER TABLE %1$s ENABLE ALWAYS TRIGGER refuse_truncate', leaf.name
            );
        END IF;
        IF leaf.has_privileges OR NOT leaf.has_trigger THEN
            RETURN NEXT leaf.name::text;
        END IF;
    END LOOP;
END
$$;

COMMENT ON FUNCTION integrity.protect_audit_partitions() IS
'Takes from partitions of audit_logs and audit_seal_entries every privilege but SELECT that anyone but the owner has, '
'and gives them a trigger that refuses TRUNCATE. Returns the partitions that lacked it. Part of the daily upkeep, in '
'the transaction that makes a partition; call it after making one by hand.';

REVOKE ALL ON FUNCTION integrity.protect_audit_partitions() FROM PUBLIC, integrity_service, acgs_writer;
REVOKE ALL ON FUNCTION integrity.refuse_change() FROM PUBLIC, integrity_service, acgs_writer;
