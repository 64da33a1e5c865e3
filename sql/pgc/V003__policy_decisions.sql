-- Decision logs of the Open Policy Agent: thousands of rows a second, written once, read for the last hours mostly.
-- Wide columns first, so that no byte is lost to alignment; numbers as keys, so that index entries come at the end.
-- A batch is one INSERT of many rows, or COPY; ids come from a cache of 32 per session.

CREATE SEQUENCE pgc.policy_decisions_id_seq AS bigint CACHE 32;

CREATE TABLE pgc.policy_decisions (
    id bigint NOT NULL DEFAULT nextval('pgc.policy_decisions_id_seq'),
    created_at timestamptz NOT NULL DEFAULT now(),
    decision_time timestamptz NOT NULL DEFAULT now(),
    policy_id uuid NOT NULL,
    bundle_id uuid,
    request_id uuid,
    user_id uuid,
    evaluation_time_us integer,
    decision text NOT NULL,
    decision_path text NOT NULL,
    constitutional_compliance_score numeric(3, 2),
    input jsonb COMPRESSION lz4 NOT NULL DEFAULT '{}',
    result jsonb COMPRESSION lz4 NOT NULL DEFAULT '{}',
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT policy_decisions_pkey PRIMARY KEY (id, created_at),
    CONSTRAINT policy_decisions_decision_check CHECK (
        decision IN ('allow', 'deny', 'require_review', 'not_applicable', 'error')
    ),
    CONSTRAINT policy_decisions_decision_path_check CHECK (decision_path <> ''),
    CONSTRAINT policy_decisions_evaluation_time_us_check CHECK (evaluation_time_us >= 0),
    CONSTRAINT policy_decisions_score_check CHECK (constitutional_compliance_score BETWEEN 0.00 AND 1.00),
    CONSTRAINT policy_decisions_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
) PARTITION BY RANGE (created_at);

ALTER SEQUENCE pgc.policy_decisions_id_seq OWNED BY pgc.policy_decisions.id;

COMMENT ON TABLE pgc.policy_decisions IS
'Decisions as the policy agent logs them. Partitioned by month of created_at (UTC): by arrival, so that no service''s '
'clock decides whether a row finds its partition.';
COMMENT ON COLUMN pgc.policy_decisions.id IS 'Ascending number; with created_at the key.';
COMMENT ON COLUMN pgc.policy_decisions.created_at IS 'When the row arrived; decides the partition.';
COMMENT ON COLUMN pgc.policy_decisions.decision_time IS 'When it was decided, by the agent''s clock.';
COMMENT ON COLUMN pgc.policy_decisions.policy_id IS
'Policy that decided (active_policies). No foreign key: it would lock the policy''s row at every decision, on which '
'all writers meet, and the log outlives the policy.';
COMMENT ON COLUMN pgc.policy_decisions.bundle_id IS
'Bundle that was loaded (opa_bundles). No foreign key, as policy_id.';
COMMENT ON COLUMN pgc.policy_decisions.request_id IS 'Request that asked, as in the services'' own logs.';
COMMENT ON COLUMN pgc.policy_decisions.user_id IS
'User on whose behalf it was asked (auth.users); NULL for the system itself. No foreign key across schemas.';
COMMENT ON COLUMN pgc.policy_decisions.evaluation_time_us IS 'How long the evaluation took, in µs.';
COMMENT ON COLUMN pgc.policy_decisions.decision IS 'allow, deny, require_review, not_applicable or error.';
COMMENT ON COLUMN pgc.policy_decisions.decision_path IS 'Rule that was queried, such as acgs/governance/allow.';
COMMENT ON COLUMN pgc.policy_decisions.constitutional_compliance_score IS
'0.00 (none) to 1.00 (full compliance); NULL when not assessed.';
COMMENT ON COLUMN pgc.policy_decisions.input IS 'What the agent was asked: any JSON, secrets masked by it.';
COMMENT ON COLUMN pgc.policy_decisions.result IS 'What it answered beside the decision, such as obligations: any JSON.';
COMMENT ON COLUMN pgc.policy_decisions.constitutional_hash IS 'Constitution under which it was decided.';
