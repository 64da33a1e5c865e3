-- What may be an attack: the requirements index this table and list it nowhere, it belongs to authentication. Rows only
-- come (R__append_only.sql); what was done about an event is a further event that names it in details.

CREATE SEQUENCE auth.security_events_id_seq AS bigint CACHE 32;

CREATE TABLE auth.security_events (
    id bigint NOT NULL DEFAULT nextval('auth.security_events_id_seq'),
    "timestamp" timestamptz NOT NULL DEFAULT now(),
    user_id uuid,
    session_id uuid,
    event_type text NOT NULL,
    severity text NOT NULL DEFAULT 'info',
    risk_score numeric(3, 2),
    source_service text,
    ip_address inet,
    user_agent text,
    description text,
    details jsonb NOT NULL DEFAULT '{}',
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT security_events_pkey PRIMARY KEY (id, "timestamp"),
    CONSTRAINT security_events_event_type_check CHECK (event_type ~ '^[a-z][a-z0-9_.:-]{0,62}$'),
    CONSTRAINT security_events_severity_check CHECK (severity IN ('info', 'low', 'medium', 'high', 'critical')),
    CONSTRAINT security_events_risk_score_check CHECK (risk_score BETWEEN 0.00 AND 1.00),
    CONSTRAINT security_events_source_service_check CHECK (source_service <> ''),
    CONSTRAINT security_events_details_check CHECK (jsonb_typeof(details) = 'object'),
    CONSTRAINT security_events_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
) PARTITION BY RANGE ("timestamp");

ALTER SEQUENCE auth.security_events_id_seq OWNED BY auth.security_events.id;

COMMENT ON TABLE auth.security_events IS
'Events that bear on security: failed log-ins in a row, a revoked token used again, a locked account. Rows can be '
'added, not changed or deleted. Partitioned by month of "timestamp" (UTC).';
COMMENT ON COLUMN auth.security_events.id IS 'Ascending number; with "timestamp" the key.';
COMMENT ON COLUMN auth.security_events."timestamp" IS
'When it happened; decides the partition. Best left to its default: a service whose clock is a month off finds none.';
COMMENT ON COLUMN auth.security_events.user_id IS
'User whom it concerns; NULL when not known. No foreign key: events outlive the account.';
COMMENT ON COLUMN auth.security_events.session_id IS
'Session in which it happened, if any. No foreign key, for the same reason.';
COMMENT ON COLUMN auth.security_events.event_type IS 'What happened, in lower case, such as login_failed.';
COMMENT ON COLUMN auth.security_events.severity IS 'From least to worst: info, low, medium, high, critical.';
COMMENT ON COLUMN auth.security_events.risk_score IS '0.00 (harmless) to 1.00 (an attack); NULL when not assessed.';
COMMENT ON COLUMN auth.security_events.source_service IS 'Service that noticed it; NULL for auth itself.';
COMMENT ON COLUMN auth.security_events.ip_address IS 'Address of the client.';
COMMENT ON COLUMN auth.security_events.user_agent IS 'Program of the client, as it calls itself.';
COMMENT ON COLUMN auth.security_events.description IS 'What happened, for people.';
COMMENT ON COLUMN auth.security_events.details IS 'Object: anything else. Never a password or a token.';
COMMENT ON COLUMN auth.security_events.constitutional_hash IS 'Constitution under which the row was written.';

REVOKE UPDATE, DELETE ON auth.security_events FROM auth_service, acgs_writer;
