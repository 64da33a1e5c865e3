-- Who is logged in. The session's token itself is nowhere in the database.

CREATE TABLE auth.sessions (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL,
    token_hash text NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    mfa_verified boolean NOT NULL DEFAULT false,
    ip_address inet,
    user_agent text,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_activity_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    -- The requirements' hash index, made as a constraint: a hash index cannot be UNIQUE, but it can exclude equals, so
    -- one index finds a session and sees to it that a token is one session's. A unique B-tree beside it would take two
    -- and a half times its size for the same question. (REINDEX CONCURRENTLY passes over it; a hash index reuses what
    -- vacuum has freed.)
    CONSTRAINT idx_sessions_token_hash EXCLUDE USING hash (token_hash WITH =),
    CONSTRAINT sessions_token_hash_check CHECK (token_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT sessions_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE auth.sessions IS
'Sessions of users. Deleted some minutes after they have expired (auth.cleanup_expired_sessions()): what happened '
'in them stays in auth.audit_logs.';
COMMENT ON COLUMN auth.sessions.id IS 'Key.';
COMMENT ON COLUMN auth.sessions.user_id IS 'User whose session it is.';
COMMENT ON COLUMN auth.sessions.token_hash IS
'SHA-256 of the session''s token in hex. The token is a random number of 256 bits, so it needs no salt and no slow hash.';
COMMENT ON COLUMN auth.sessions.is_active IS 'False after a log-out or a revocation.';
COMMENT ON COLUMN auth.sessions.mfa_verified IS 'Whether the second factor was given in this session.';
COMMENT ON COLUMN auth.sessions.ip_address IS 'Address from which the session was begun.';
COMMENT ON COLUMN auth.sessions.user_agent IS 'Program with which it was begun, as it calls itself.';
COMMENT ON COLUMN auth.sessions.created_at IS 'When the user logged in.';
COMMENT ON COLUMN auth.sessions.last_activity_at IS
'When the session was last used. Set by the service, once a minute at most: in no index, so the update is a cheap one '
'(HOT). Stands for updated_at, which no trigger keeps here.';
COMMENT ON COLUMN auth.sessions.expires_at IS 'When the session ends by itself.';
COMMENT ON COLUMN auth.sessions.constitutional_hash IS 'Constitution under which the row was written.';

REVOKE SELECT ON auth.sessions FROM acgs_reader, acgs_writer;
GRANT SELECT (
    id, user_id, is_active, mfa_verified, ip_address, user_agent, created_at, last_activity_at, expires_at,
    constitutional_hash
) ON auth.sessions TO acgs_reader, acgs_writer;
