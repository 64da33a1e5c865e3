-- Keeps auth.role_permissions in step with roles.permissions: why there are both stands in V002__roles.sql. Two
-- updates of one role wait for each other at its row, so the relation is always that of the last one.

CREATE OR REPLACE FUNCTION auth.reference_permissions()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM auth.role_permissions AS present
    WHERE present.role_id = new.id AND NOT new.permissions ? present.permission_name;
    -- The foreign key names a permission that is not there.
    INSERT INTO auth.role_permissions (role_id, permission_name)
    SELECT new.id, held.name FROM jsonb_array_elements_text(new.permissions) AS held (name)
    ON CONFLICT (permission_name, role_id) DO NOTHING;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION auth.reference_permissions() IS
'Trigger: takes roles.permissions over into role_permissions, whose foreign keys refuse unknown permissions.';

CREATE OR REPLACE TRIGGER reference_permissions AFTER INSERT OR UPDATE OF permissions ON auth.roles
FOR EACH ROW EXECUTE FUNCTION auth.reference_permissions();
