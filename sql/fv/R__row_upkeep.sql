-- A column that the server keeps, so that no client can forget it.

CREATE OR REPLACE FUNCTION fv.stamp_updated_at()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    new.updated_at := now();
    RETURN new;
END
$$;

COMMENT ON FUNCTION fv.stamp_updated_at() IS 'Trigger: sets updated_at.';

CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON fv.safety_properties
FOR EACH ROW EXECUTE FUNCTION fv.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON fv.verification_rules
FOR EACH ROW EXECUTE FUNCTION fv.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON fv.verification_results
FOR EACH ROW EXECUTE FUNCTION fv.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON fv.consistency_checks
FOR EACH ROW EXECUTE FUNCTION fv.stamp_updated_at();
