-- What the planner should know better than by default. Targets of a partitioned parent reach the partitions that are
-- there; those made later take them over, and the extended statistics too (platform.create_leaf).

-- Many values, and queries that name one of them.
ALTER TABLE auth.audit_logs ALTER COLUMN user_id SET STATISTICS 200;
ALTER TABLE auth.security_events ALTER COLUMN user_id SET STATISTICS 200;
-- Nobody filters by these, and to compare documents is what an ANALYZE would spend most of its time on.
ALTER TABLE auth.audit_logs ALTER COLUMN details SET STATISTICS 0;
ALTER TABLE auth.security_events ALTER COLUMN details SET STATISTICS 0;

-- An action belongs to few kinds of resources: taken as independent, their rows are underestimated by far.
CREATE STATISTICS IF NOT EXISTS auth.audit_logs_resource_action (ndistinct, dependencies, mcv)
ON resource_type, action FROM auth.audit_logs;
CREATE STATISTICS IF NOT EXISTS auth.security_events_type_severity (ndistinct, dependencies, mcv)
ON event_type, severity FROM auth.security_events;
CREATE STATISTICS IF NOT EXISTS auth.oauth_tokens_provider_user (ndistinct)
ON provider, user_id FROM auth.oauth_tokens;

COMMENT ON STATISTICS auth.audit_logs_resource_action IS 'Actions belong to kinds of resources.';
COMMENT ON STATISTICS auth.security_events_type_severity IS 'The type of an event mostly says how severe it is.';
COMMENT ON STATISTICS auth.oauth_tokens_provider_user IS 'A user has one token of a provider, as a rule.';
