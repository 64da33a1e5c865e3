-- Columns that the server keeps, so that no client can forget them.

CREATE OR REPLACE FUNCTION pgc.stamp_updated_at()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    new.updated_at := now();
    RETURN new;
END
$$;

COMMENT ON FUNCTION pgc.stamp_updated_at() IS 'Trigger: sets updated_at.';

CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON pgc.opa_bundles
FOR EACH ROW EXECUTE FUNCTION pgc.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON pgc.active_policies
FOR EACH ROW EXECUTE FUNCTION pgc.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON pgc.policy_rules
FOR EACH ROW EXECUTE FUNCTION pgc.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON pgc.governance_workflows
FOR EACH ROW EXECUTE FUNCTION pgc.stamp_updated_at();
