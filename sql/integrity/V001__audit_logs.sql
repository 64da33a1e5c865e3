-- The audit trail of all services. Rows only come: R__audit_1_immutability.sql refuses everything else, and
-- R__audit_2_sealing.sql chains what has come by hashes. docs/integrity.md says what that proves, and against whom.
-- Keys are sequence numbers and not UUIDs: rows only come at the end, and so do their index entries.

CREATE SEQUENCE integrity.audit_logs_id_seq AS bigint CACHE 32;

CREATE TABLE integrity.audit_logs (
    id bigint NOT NULL DEFAULT nextval('integrity.audit_logs_id_seq'),
    created_at timestamptz NOT NULL DEFAULT now(),
    recorded_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    occurred_at timestamptz,
    user_id uuid,
    request_id uuid,
    recorded_by text NOT NULL DEFAULT session_user,
    service_name text NOT NULL,
    action text NOT NULL,
    resource_type text,
    resource_id text,
    outcome text NOT NULL DEFAULT 'success',
    client_address inet,
    details jsonb COMPRESSION lz4 NOT NULL DEFAULT '{}',
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT audit_logs_pkey PRIMARY KEY (id, created_at),
    CONSTRAINT audit_logs_service_name_check CHECK (service_name <> ''),
    CONSTRAINT audit_logs_action_check CHECK (action <> ''),
    CONSTRAINT audit_logs_resource_check CHECK (resource_id IS NULL OR resource_type IS NOT NULL),
    CONSTRAINT audit_logs_outcome_check CHECK (outcome IN ('success', 'failure', 'denied')),
    CONSTRAINT audit_logs_details_check CHECK (jsonb_typeof(details) = 'object'),
    CONSTRAINT audit_logs_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
) PARTITION BY RANGE (created_at);

ALTER SEQUENCE integrity.audit_logs_id_seq OWNED BY integrity.audit_logs.id;

COMMENT ON TABLE integrity.audit_logs IS
'Immutable audit trail of all services: rows are inserted, never changed, and chained by hashes (audit_seals). '
'Partitioned by month of created_at (UTC).';
COMMENT ON COLUMN integrity.audit_logs.id IS 'Ascending number, set by the server; with created_at the key.';
COMMENT ON COLUMN integrity.audit_logs.created_at IS
'When the row was recorded, by the server''s clock: services cannot choose it. Decides the partition.';
COMMENT ON COLUMN integrity.audit_logs.recorded_xid IS
'Transaction that recorded the row, set by the server. The row can be sealed once no older transaction runs.';
COMMENT ON COLUMN integrity.audit_logs.occurred_at IS
'When it happened, by the service''s clock; NULL when it was recorded at once.';
COMMENT ON COLUMN integrity.audit_logs.user_id IS
'Who acted (auth.users); NULL for the system itself. No foreign key: services deploy and write on their own, and '
'the trail outlives the user.';
COMMENT ON COLUMN integrity.audit_logs.request_id IS 'Request that led to it, as in the services'' own logs.';
COMMENT ON COLUMN integrity.audit_logs.recorded_by IS 'Login that recorded the row, set by the server.';
COMMENT ON COLUMN integrity.audit_logs.service_name IS 'Service in which it happened, as it says itself.';
COMMENT ON COLUMN integrity.audit_logs.action IS 'What was done, such as policy.update or user.login.';
COMMENT ON COLUMN integrity.audit_logs.resource_type IS 'Kind of thing it was done to, such as policy; NULL for none.';
COMMENT ON COLUMN integrity.audit_logs.resource_id IS
'Which one, under the key it has in its service; no foreign key, as user_id.';
COMMENT ON COLUMN integrity.audit_logs.outcome IS 'success, failure (it went wrong) or denied (it was not allowed).';
COMMENT ON COLUMN integrity.audit_logs.client_address IS 'Address from which the request came.';
COMMENT ON COLUMN integrity.audit_logs.details IS
'Object: what else there is to know, such as values before and after. No secrets: it can never be taken out again.';
COMMENT ON COLUMN integrity.audit_logs.constitutional_hash IS 'Constitution under which the row was written.';
