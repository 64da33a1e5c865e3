-- A column that the server keeps, so that no client can forget it.

CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON fv.safety_properties
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON fv.verification_rules
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON fv.verification_results
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON fv.consistency_checks
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
