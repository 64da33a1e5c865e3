-- What the planner should know better than by default.

-- Whether a principle is in force differs by category, and idx_principles_active is asked for both.
CREATE STATISTICS IF NOT EXISTS ac.principles_active_category (ndistinct, dependencies, mcv)
ON is_active, category FROM ac.principles;
CREATE STATISTICS IF NOT EXISTS ac.compliance_checks_target (ndistinct, dependencies)
ON target_type, target_id FROM ac.compliance_checks;

COMMENT ON STATISTICS ac.principles_active_category IS
'Categories differ in how many of their principles are in force.';
COMMENT ON STATISTICS ac.compliance_checks_target IS 'A key belongs to one kind of target.';
