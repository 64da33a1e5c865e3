-- Sensitive settings are encrypted before the row is written, whoever writes it and how: their values in plain are in no
-- table, no index and no WAL. Fires after guard_configuration (by name), which still sees the value that comes in.

CREATE OR REPLACE FUNCTION dgm.is_of_value_type(config_value jsonb, value_type text)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE value_type
        WHEN 'json' THEN true
        WHEN 'float' THEN jsonb_typeof(config_value) = 'number'
        WHEN 'integer' THEN
            CASE
                WHEN jsonb_typeof(config_value) = 'number'
                    THEN trunc((config_value #>> '{}')::numeric) = (config_value #>> '{}')::numeric
                ELSE false
            END
        ELSE jsonb_typeof(config_value) = value_type
    END
$$;

CREATE OR REPLACE FUNCTION dgm.seal_configuration()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plain jsonb := new.config_value;
    was_sealed constant boolean := tg_op = 'UPDATE' AND old.sealed_value IS NOT NULL;
BEGIN
    IF plain IS NULL AND was_sealed THEN
        IF new.is_sensitive AND new.key_version IS NOT DISTINCT FROM old.key_version
            AND new.value_type = old.value_type AND new.id = old.id THEN
            -- Something else changes. Nobody writes a ciphertext by hand.
            new.sealed_value := old.sealed_value;
            RETURN new;
        END IF;
        plain := vault.open(old.id, old.sealed_value, old.key_version);
    END IF;
    IF NOT new.is_sensitive THEN
        new.config_value := plain;
        new.sealed_value := NULL;
        new.key_version := NULL;
        RETURN new;
    END IF;
    IF plain IS NULL AND tg_op = 'INSERT' AND new.sealed_value IS NOT NULL THEN
        -- A row that is restored: taken if it opens.
        plain := vault.open(new.id, new.sealed_value, new.key_version);
    END IF;
    IF plain IS NULL THEN
        RAISE EXCEPTION 'the sensitive configuration "%" needs a value', new.config_key
            USING ERRCODE = 'not_null_violation', SCHEMA = 'dgm', TABLE = 'system_configurations', COLUMN = 'config_value';
    END IF;
    -- The table's own check never sees this value, and its message would show it.
    IF NOT coalesce(dgm.is_of_value_type(plain, new.value_type), false) THEN
        RAISE EXCEPTION 'the value of configuration "%" is no %', new.config_key, new.value_type
            USING ERRCODE = 'check_violation', SCHEMA = 'dgm', TABLE = 'system_configurations',
                CONSTRAINT = 'system_configurations_config_value_check';
    END IF;
    SELECT made.sealed, made.key_version INTO new.sealed_value, new.key_version FROM vault.seal(new.id, plain) AS made;
    new.config_value := NULL;
    RETURN new;
END
$$;

COMMENT ON FUNCTION dgm.is_of_value_type(jsonb, text) IS
'Whether a value is what value_type of dgm.system_configurations says.';
COMMENT ON FUNCTION dgm.seal_configuration() IS
'Trigger: encrypts the value of a sensitive setting. A change of key_version encrypts it anew with the active key.';

CREATE OR REPLACE TRIGGER seal_configuration BEFORE INSERT OR UPDATE ON dgm.system_configurations
FOR EACH ROW EXECUTE FUNCTION dgm.seal_configuration();
