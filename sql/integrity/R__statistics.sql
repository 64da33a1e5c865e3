-- What the planner should know better than by default. Targets of a partitioned parent reach the partitions that are
-- there; those made later take them over, and the extended statistics too (platform.create_leaf).

-- Many values, and queries that name one of them.
ALTER TABLE integrity.audit_logs ALTER COLUMN user_id SET STATISTICS 300;
ALTER TABLE integrity.audit_logs ALTER COLUMN action SET STATISTICS 300;
ALTER TABLE integrity.audit_logs ALTER COLUMN resource_id SET STATISTICS 200;

-- Nobody filters by it, and to compare documents is what an ANALYZE would spend most of its time on.
ALTER TABLE integrity.audit_logs ALTER COLUMN details SET STATISTICS 0;

-- An action is done to one kind of resource: taken as independent, rows are underestimated by far.
CREATE STATISTICS IF NOT EXISTS integrity.audit_logs_resource_action (ndistinct, dependencies, mcv)
ON service_name, resource_type, action FROM integrity.audit_logs;

COMMENT ON STATISTICS integrity.audit_logs_resource_action IS 'Actions belong to a service and a kind of resource.';
