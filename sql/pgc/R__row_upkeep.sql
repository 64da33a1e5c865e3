-- Columns that the server keeps, so that no client can forget them.

CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON pgc.opa_bundles
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON pgc.active_policies
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON pgc.policy_rules
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON pgc.governance_workflows
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
