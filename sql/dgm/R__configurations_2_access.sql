-- How settings are read and written. get, set and add run as whoever calls them, so row-level security decides which
-- settings there are for a login. Values travel as text and are taken apart here: what cannot be read as the setting's
-- type is an error that does not show it, whereas a cast in the client's own statement would put it into the log.

CREATE OR REPLACE FUNCTION dgm.configuration_from_text(config_key text, value_type text, value text)
RETURNS jsonb
LANGUAGE plpgsql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parsed jsonb;
BEGIN
    BEGIN
        parsed := CASE value_type WHEN 'string' THEN to_jsonb(value) ELSE value::jsonb END;
    EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
        parsed := NULL;
    END;
    IF NOT coalesce(dgm.is_of_value_type(parsed, value_type), false) OR parsed IS NULL THEN
        RAISE EXCEPTION 'the value of configuration "%" is no %', config_key, value_type
            USING ERRCODE = 'check_violation', SCHEMA = 'dgm', TABLE = 'system_configurations',
                CONSTRAINT = 'system_configurations_config_value_check';
    END IF;
    RETURN parsed;
END
$$;

-- For dgm_service alone: the only way to a value in plain.
CREATE OR REPLACE FUNCTION dgm.open_configuration(setting uuid)
RETURNS jsonb
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(found.config_value, vault.open(found.id, found.sealed_value, found.key_version))
    FROM dgm.system_configurations AS found WHERE found.id = setting
$$;

CREATE OR REPLACE FUNCTION dgm.get_configuration(config_key text)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found dgm.system_configurations;
    plain jsonb;
BEGIN
    SELECT * INTO found FROM dgm.system_configurations AS s WHERE s.config_key = get_configuration.config_key;
    IF found.id IS NULL THEN
        RAISE EXCEPTION 'there is no configuration "%" for %', config_key, current_user USING ERRCODE = 'no_data_found';
    END IF;
    plain := found.config_value;
    -- A statement of its own: in an expression, the right to call it would be asked of everybody.
    IF found.is_sensitive THEN
        plain := dgm.open_configuration(found.id);
    END IF;
    RETURN CASE found.value_type WHEN 'json' THEN plain::text ELSE plain #>> '{}' END;
END
$$;

CREATE OR REPLACE FUNCTION dgm.set_configuration(config_key text, value text)
RETURNS integer
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kind text;
    new_version integer;
BEGIN
    SELECT s.value_type INTO kind FROM dgm.system_configurations AS s
    WHERE s.config_key = set_configuration.config_key;
    IF kind IS NULL THEN
        RAISE EXCEPTION 'there is no configuration "%" for %', config_key, current_user
            USING ERRCODE = 'no_data_found', HINT = 'dgm.add_configuration() makes one.';
    END IF;
    UPDATE dgm.system_configurations AS s
    SET config_value = dgm.configuration_from_text(set_configuration.config_key, kind, value)
    WHERE s.config_key = set_configuration.config_key
    RETURNING s.version INTO new_version;
    RETURN new_version;
END
$$;

CREATE OR REPLACE FUNCTION dgm.add_configuration(
    config_key text, category text, value_type text, value text, is_sensitive boolean DEFAULT false,
    description text DEFAULT ''
)
RETURNS uuid
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made uuid;
BEGIN
    INSERT INTO dgm.system_configurations AS s (config_key, category, value_type, config_value, is_sensitive, description)
    VALUES (
        config_key, category, value_type, dgm.configuration_from_text(config_key, value_type, value), is_sensitive,
        description
    )
    RETURNING s.id INTO made;
    RETURN made;
END
$$;

-- All or nothing, and nothing to do when it is called again. The lock waits for writers that may still have read the keys
-- as they were before: when this has committed, no row needs another key than the active one.
CREATE OR REPLACE FUNCTION dgm.reencrypt_configurations()
RETURNS integer
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    changed integer;
BEGIN
    LOCK TABLE dgm.system_configurations IN SHARE ROW EXCLUSIVE MODE;
    UPDATE dgm.system_configurations AS s SET key_version = vault.active_key()
    WHERE s.is_sensitive AND s.key_version IS DISTINCT FROM vault.active_key();
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF EXISTS (
        SELECT FROM pg_constraint WHERE conrelid = 'dgm.system_configurations'::regclass AND NOT convalidated
            AND conname = 'system_configurations_sealed_check'
    ) THEN
        ALTER TABLE dgm.system_configurations VALIDATE CONSTRAINT system_configurations_sealed_check;
    END IF;
    RETURN changed;
END
$$;

COMMENT ON FUNCTION dgm.configuration_from_text(text, text, text) IS
'The value of a setting from text: a string as it is, others as JSON. Throws check_violation for what is not of the '
'type; the message does not hold the value.';
COMMENT ON FUNCTION dgm.open_configuration(uuid) IS 'A setting''s value in plain, by its id. For dgm.get_configuration().';
COMMENT ON FUNCTION dgm.get_configuration(text) IS
'The value of a setting as text: a string as it is, json as JSON. Throws no_data_found where the login sees none of '
'that name, config_file_error where the key of a sensitive one is not on this server.';
COMMENT ON FUNCTION dgm.set_configuration(text, text) IS
'Changes a setting and returns its new version. Give the value as a bind parameter: a literal stands in '
'pg_stat_activity, and in the log if the statement is slow. Throws no_data_found, check_violation for a value of '
'another type, insufficient_privilege for a read-only setting.';
COMMENT ON FUNCTION dgm.add_configuration(text, text, text, text, boolean, text) IS
'Makes a setting and returns its id. Values as for dgm.set_configuration().';
COMMENT ON FUNCTION dgm.reencrypt_configurations() IS
'Encrypts all sensitive settings with the active key that are not yet, and returns how many those were. Readers go on, '
'writers of settings wait. Called by every update of the stack that changes the keys.';
