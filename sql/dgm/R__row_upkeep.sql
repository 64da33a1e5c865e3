-- Columns that the server keeps, so that no client can forget them, and what must not be changed.

CREATE OR REPLACE FUNCTION dgm.stamp_last_updated()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    new.last_updated := now();
    RETURN new;
END
$$;

CREATE OR REPLACE FUNCTION dgm.guard_configuration()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unlocked dgm.system_configurations;
    only_unlocks boolean := false;
    resealed dgm.system_configurations;
BEGIN
    IF tg_op = 'UPDATE' THEN
        -- Only the key changes (dgm.reencrypt_configurations()): nobody has changed the setting, read-only or not.
        resealed := old;
        resealed.key_version := new.key_version;
        IF new.is_sensitive AND new.key_version IS DISTINCT FROM old.key_version AND new IS NOT DISTINCT FROM resealed
            AND pg_has_role(current_user, 'acgs_owner', 'MEMBER') THEN
            RETURN new;
        END IF;
    END IF;
    IF old.is_read_only THEN
        IF tg_op = 'UPDATE' THEN
            unlocked := old;
            unlocked.is_read_only := false;
            only_unlocks := new IS NOT DISTINCT FROM unlocked;
        END IF;
        -- Also for a superuser: to end the protection is a step of its own, so that no slip changes the value.
        IF NOT only_unlocks OR NOT pg_has_role(current_user, 'acgs_owner', 'MEMBER') THEN
            RAISE EXCEPTION 'configuration "%" is read-only', old.config_key
                USING ERRCODE = 'insufficient_privilege', SCHEMA = 'dgm', TABLE = 'system_configurations',
                    HINT = 'A member of acgs_owner can set is_read_only to false first, in an update of its own.';
        END IF;
    END IF;
    IF tg_op = 'DELETE' THEN
        RETURN old;
    END IF;
    IF new.config_value IS DISTINCT FROM old.config_value THEN
        new.version := old.version + 1;
        new.previous_value := old.config_value;
    ELSE
        new.version := old.version;
        new.previous_value := old.previous_value;
    END IF;
    IF old.is_sensitive OR new.is_sensitive THEN
        new.previous_value := NULL;
    END IF;
    new.updated_at := now();
    new.updated_by := session_user;
    RETURN new;
END
$$;

COMMENT ON FUNCTION dgm.stamp_last_updated() IS 'Trigger: sets last_updated.';
COMMENT ON FUNCTION dgm.guard_configuration() IS
'Trigger: refuses changes of read-only settings, counts versions, keeps the value before.';

CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON dgm.improvement_workspaces
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_last_updated BEFORE UPDATE ON dgm.bandit_states
FOR EACH ROW EXECUTE FUNCTION dgm.stamp_last_updated();
CREATE OR REPLACE TRIGGER guard_configuration BEFORE UPDATE OR DELETE ON dgm.system_configurations
FOR EACH ROW EXECUTE FUNCTION dgm.guard_configuration();
