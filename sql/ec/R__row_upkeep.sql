-- A column that the server keeps, so that no client can forget it.

CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON ec.optimization_history
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON ec.genetic_populations
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON ec.wina_states
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON ec.bandit_arms
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
