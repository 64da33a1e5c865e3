-- Columns that the server keeps, so that no client can forget them.

CREATE OR REPLACE FUNCTION ac.count_version()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    new.version := old.version + 1;
    RETURN new;
END
$$;

COMMENT ON FUNCTION ac.count_version() IS 'Trigger: counts up version. Its condition says which changes count.';

CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON ac.principles
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON ac.meta_rules
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON ac.constitutional_council
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON ac.principle_conflicts
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();

-- What a principle demands; its weight, its state and what explains it are no new version.
CREATE OR REPLACE TRIGGER count_version BEFORE UPDATE ON ac.principles
FOR EACH ROW
WHEN (
    (old.content, old.normative_statement, old.scope, old.constraints)
    IS DISTINCT FROM (new.content, new.normative_statement, new.scope, new.constraints)
)
EXECUTE FUNCTION ac.count_version();
CREATE OR REPLACE TRIGGER count_version BEFORE UPDATE ON ac.meta_rules
FOR EACH ROW
WHEN (
    (old.rule_definition, old.decision_mechanism, old.approval_threshold, old.stakeholder_roles)
    IS DISTINCT FROM (new.rule_definition, new.decision_mechanism, new.approval_threshold, new.stakeholder_roles)
)
EXECUTE FUNCTION ac.count_version();
