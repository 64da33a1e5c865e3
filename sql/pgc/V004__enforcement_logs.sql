-- What was done about a decision.

CREATE SEQUENCE pgc.enforcement_logs_id_seq AS bigint CACHE 32;

CREATE TABLE pgc.enforcement_logs (
    id bigint NOT NULL DEFAULT nextval('pgc.enforcement_logs_id_seq'),
    created_at timestamptz NOT NULL DEFAULT now(),
    decision_id bigint,
    decision_created_at timestamptz,
    policy_id uuid NOT NULL,
    rule_id uuid,
    user_id uuid,
    latency_us integer,
    action_type text NOT NULL,
    outcome text NOT NULL DEFAULT 'succeeded',
    severity text NOT NULL DEFAULT 'info',
    enforced_by text NOT NULL,
    target_type text,
    target_id text,
    error_message text,
    details jsonb COMPRESSION lz4 NOT NULL DEFAULT '{}',
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT enforcement_logs_pkey PRIMARY KEY (id, created_at),
    CONSTRAINT enforcement_logs_decision_check CHECK (num_nulls(decision_id, decision_created_at) IN (0, 2)),
    CONSTRAINT enforcement_logs_latency_us_check CHECK (latency_us >= 0),
    CONSTRAINT enforcement_logs_action_type_check CHECK (
        action_type IN ('allow', 'block', 'warn', 'modify', 'quarantine', 'escalate', 'notify', 'rollback')
    ),
    CONSTRAINT enforcement_logs_outcome_check CHECK (outcome IN ('succeeded', 'failed', 'skipped')),
    CONSTRAINT enforcement_logs_severity_check CHECK (severity IN ('info', 'low', 'medium', 'high', 'critical')),
    CONSTRAINT enforcement_logs_enforced_by_check CHECK (enforced_by <> ''),
    CONSTRAINT enforcement_logs_target_check CHECK (target_id IS NULL OR target_type IS NOT NULL),
    CONSTRAINT enforcement_logs_error_check CHECK (error_message IS NULL OR outcome <> 'succeeded'),
    CONSTRAINT enforcement_logs_details_check CHECK (jsonb_typeof(details) = 'object'),
    CONSTRAINT enforcement_logs_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
) PARTITION BY RANGE (created_at);

ALTER SEQUENCE pgc.enforcement_logs_id_seq OWNED BY pgc.enforcement_logs.id;

COMMENT ON TABLE pgc.enforcement_logs IS
'What services did to carry decisions out. Partitioned by month of created_at (UTC).';
COMMENT ON COLUMN pgc.enforcement_logs.id IS 'Ascending number; with created_at the key.';
COMMENT ON COLUMN pgc.enforcement_logs.created_at IS 'When the row arrived; decides the partition.';
COMMENT ON COLUMN pgc.enforcement_logs.decision_id IS
'Decision that was carried out (policy_decisions.id); NULL when there was none. No foreign key: each log has a '
'retention of its own, and a check per row would cost the writers dear.';
COMMENT ON COLUMN pgc.enforcement_logs.decision_created_at IS
'created_at of that decision: leads to its partition. NULL together with decision_id.';
COMMENT ON COLUMN pgc.enforcement_logs.policy_id IS
'Policy that was enforced (active_policies). No foreign key, as in policy_decisions.';
COMMENT ON COLUMN pgc.enforcement_logs.rule_id IS
'Rule that applied (policy_rules), if one did. No foreign key, as policy_id.';
COMMENT ON COLUMN pgc.enforcement_logs.user_id IS
'User it concerned (auth.users); NULL for the system itself. No foreign key across schemas.';
COMMENT ON COLUMN pgc.enforcement_logs.latency_us IS 'From decision to effect, in µs.';
COMMENT ON COLUMN pgc.enforcement_logs.action_type IS
'allow, block, warn, modify, quarantine, escalate, notify or rollback.';
COMMENT ON COLUMN pgc.enforcement_logs.outcome IS 'succeeded, failed or skipped (as in shadow mode).';
COMMENT ON COLUMN pgc.enforcement_logs.severity IS 'info, low, medium, high or critical.';
COMMENT ON COLUMN pgc.enforcement_logs.enforced_by IS 'Service that carried it out.';
COMMENT ON COLUMN pgc.enforcement_logs.target_type IS 'Kind of thing it was done to; NULL for none.';
COMMENT ON COLUMN pgc.enforcement_logs.target_id IS 'Which one, under the key it has in its service.';
COMMENT ON COLUMN pgc.enforcement_logs.error_message IS 'Why it failed or was skipped.';
COMMENT ON COLUMN pgc.enforcement_logs.details IS 'Object: anything else.';
COMMENT ON COLUMN pgc.enforcement_logs.constitutional_hash IS 'Constitution under which it was enforced.';
