-- A column that the server keeps, so that no client can forget it.

CREATE OR REPLACE FUNCTION ec.stamp_updated_at()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    new.updated_at := now();
    RETURN new;
END
$$;

COMMENT ON FUNCTION ec.stamp_updated_at() IS 'Trigger: sets updated_at.';

CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON ec.optimization_history
FOR EACH ROW EXECUTE FUNCTION ec.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON ec.genetic_populations
FOR EACH ROW EXECUTE FUNCTION ec.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON ec.wina_states
FOR EACH ROW EXECUTE FUNCTION ec.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON ec.bandit_arms
FOR EACH ROW EXECUTE FUNCTION ec.stamp_updated_at();
