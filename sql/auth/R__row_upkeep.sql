-- Columns that the server keeps, so that no client can forget them.

CREATE OR REPLACE FUNCTION auth.keep_user()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    new.username := lower(new.username);
    new.email := lower(new.email);
    IF tg_op = 'UPDATE' THEN
        new.updated_at := now();
        IF new.password_hash IS DISTINCT FROM old.password_hash THEN
            new.password_changed_at := now();
        END IF;
    END IF;
    RETURN new;
END
$$;

COMMENT ON FUNCTION auth.keep_user() IS
'Trigger: writes username and email in lower case, sets updated_at and password_changed_at.';

CREATE OR REPLACE TRIGGER keep_user BEFORE INSERT OR UPDATE ON auth.users
FOR EACH ROW EXECUTE FUNCTION auth.keep_user();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON auth.permissions
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON auth.roles
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON auth.user_roles
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON auth.oauth_tokens
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON auth.mfa_tokens
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
