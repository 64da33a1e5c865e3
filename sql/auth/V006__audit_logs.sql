-- What was done: log-ins, changes of accounts, roles and permissions. Rows only come (R__append_only.sql).

CREATE SEQUENCE auth.audit_logs_id_seq AS bigint CACHE 32;

CREATE TABLE auth.audit_logs (
    id bigint NOT NULL DEFAULT nextval('auth.audit_logs_id_seq'),
    "timestamp" timestamptz NOT NULL DEFAULT now(),
    user_id uuid,
    session_id uuid,
    action text NOT NULL,
    resource_type text,
    resource_id text,
    outcome text NOT NULL DEFAULT 'success',
    ip_address inet,
    user_agent text,
    request_id text,
    details jsonb NOT NULL DEFAULT '{}',
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT audit_logs_pkey PRIMARY KEY (id, "timestamp"),
    -- Open vocabularies of one spelling: a service brings new actions without a migration.
    CONSTRAINT audit_logs_action_check CHECK (action ~ '^[a-z][a-z0-9_.:-]{0,62}$'),
    CONSTRAINT audit_logs_resource_type_check CHECK (resource_type ~ '^[a-z][a-z0-9_.:-]{0,62}$'),
    CONSTRAINT audit_logs_outcome_check CHECK (outcome IN ('success', 'failure', 'denied')),
    CONSTRAINT audit_logs_details_check CHECK (jsonb_typeof(details) = 'object'),
    CONSTRAINT audit_logs_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
) PARTITION BY RANGE ("timestamp");

ALTER SEQUENCE auth.audit_logs_id_seq OWNED BY auth.audit_logs.id;

COMMENT ON TABLE auth.audit_logs IS
'Authentication audit trail: who did what to which account, role or permission. Rows can be added, not changed or '
'deleted. Partitioned by month of "timestamp" (UTC). The trail that proves itself is integrity.audit_logs.';
COMMENT ON COLUMN auth.audit_logs.id IS 'Ascending number; with "timestamp" the key.';
COMMENT ON COLUMN auth.audit_logs."timestamp" IS
'When it was done; decides the partition. Best left to its default: a service whose clock is a month off finds none.';
COMMENT ON COLUMN auth.audit_logs.user_id IS
'User who did it; NULL when not known. No foreign key: the trail outlives the account.';
COMMENT ON COLUMN auth.audit_logs.session_id IS
'Session in which it was done, if any. No foreign key, for the same reason.';
COMMENT ON COLUMN auth.audit_logs.action IS 'What was done, in lower case, such as login or role.grant.';
COMMENT ON COLUMN auth.audit_logs.resource_type IS
'Kind of what it was done to, such as user or role; NULL for nothing.';
COMMENT ON COLUMN auth.audit_logs.resource_id IS 'Key of what it was done to.';
COMMENT ON COLUMN auth.audit_logs.outcome IS 'success, failure (it did not work) or denied (it was not allowed).';
COMMENT ON COLUMN auth.audit_logs.ip_address IS 'Address of the client.';
COMMENT ON COLUMN auth.audit_logs.user_agent IS 'Program of the client, as it calls itself.';
COMMENT ON COLUMN auth.audit_logs.request_id IS 'Identifier of the request across services.';
COMMENT ON COLUMN auth.audit_logs.details IS 'Object: anything else. Never a password or a token.';
COMMENT ON COLUMN auth.audit_logs.constitutional_hash IS 'Constitution under which the row was written.';

REVOKE UPDATE, DELETE ON auth.audit_logs FROM auth_service, acgs_writer;
