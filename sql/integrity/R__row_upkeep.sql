-- Columns that the server keeps, and those of signatures and hashes that never change.

CREATE OR REPLACE FUNCTION integrity.refuse_rewriting()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    column_name text;
BEGIN
    SELECT before.key INTO column_name
    FROM jsonb_each(to_jsonb(old)) AS before INNER JOIN jsonb_each(to_jsonb(new)) AS after USING (key)
    WHERE before.value <> after.value AND NOT before.key = ANY (tg_argv)
    ORDER BY before.key LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% of %.% cannot be changed', column_name, tg_table_schema, tg_table_name
            USING ERRCODE = 'integrity_constraint_violation', SCHEMA = tg_table_schema, TABLE = tg_table_name,
                COLUMN = column_name, HINT = format('Only these can: %s.', array_to_string(tg_argv, ', '));
    END IF;
    RETURN new;
END
$$;

COMMENT ON FUNCTION integrity.refuse_rewriting() IS 'Trigger: refuses a change of any column but those it is given.';

CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON integrity.certificates
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON integrity.pgp_keys
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON integrity.signatures
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON integrity.hash_records
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();

CREATE OR REPLACE TRIGGER refuse_rewriting BEFORE UPDATE ON integrity.signatures
FOR EACH ROW EXECUTE FUNCTION integrity.refuse_rewriting(
    'verification_status', 'verified_at', 'verification_error', 'expires_at', 'updated_at'
);
CREATE OR REPLACE TRIGGER refuse_rewriting BEFORE UPDATE ON integrity.hash_records
FOR EACH ROW EXECUTE FUNCTION integrity.refuse_rewriting(
    'verification_status', 'verified_at', 'metadata', 'updated_at'
);
