-- Tokens that other providers have given us for a user.

CREATE TABLE auth.oauth_tokens (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL,
    provider text NOT NULL,
    provider_account_id text,
    token text NOT NULL,
    refresh_token text,
    token_type text NOT NULL DEFAULT 'bearer',
    scopes jsonb NOT NULL DEFAULT '[]',
    expires_at timestamptz,
    refresh_expires_at timestamptz,
    usable_until timestamptz GENERATED ALWAYS AS (
        CASE
            WHEN expires_at IS NULL OR (refresh_token IS NOT NULL AND refresh_expires_at IS NULL) THEN NULL
            -- GREATEST passes over a NULL.
            ELSE greatest(expires_at, refresh_expires_at)
        END
    ) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT oauth_tokens_pkey PRIMARY KEY (id),
    -- An account elsewhere lets in one user here, or whoever links it second could take over the first one's account.
    CONSTRAINT oauth_tokens_account_key UNIQUE (provider, provider_account_id),
    CONSTRAINT oauth_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT oauth_tokens_provider_check CHECK (provider ~ '^[a-z][a-z0-9_.-]{0,62}$'),
    CONSTRAINT oauth_tokens_token_check CHECK (token <> '' AND refresh_token <> ''),
    CONSTRAINT oauth_tokens_refresh_check CHECK (refresh_token IS NOT NULL OR refresh_expires_at IS NULL),
    CONSTRAINT oauth_tokens_scopes_check CHECK (jsonb_typeof(scopes) = 'array'),
    CONSTRAINT oauth_tokens_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE auth.oauth_tokens IS
'Tokens of OAuth providers by user. Deleted when they can neither be used nor refreshed any more '
'(auth.cleanup_expired_tokens()).';
COMMENT ON COLUMN auth.oauth_tokens.id IS 'Key.';
COMMENT ON COLUMN auth.oauth_tokens.user_id IS 'User for whom the token was given.';
COMMENT ON COLUMN auth.oauth_tokens.provider IS 'Who gave it, such as github.';
COMMENT ON COLUMN auth.oauth_tokens.provider_account_id IS
'The user''s account there (the claim sub); NULL where the provider tells none.';
COMMENT ON COLUMN auth.oauth_tokens.token IS
'Access token, encrypted by the service: it must be sent to the provider as it is, so a hash would not do. Only '
'auth_service can read it.';
COMMENT ON COLUMN auth.oauth_tokens.refresh_token IS 'Refresh token, encrypted in the same way; NULL for none.';
COMMENT ON COLUMN auth.oauth_tokens.token_type IS 'How the token is sent, mostly bearer.';
COMMENT ON COLUMN auth.oauth_tokens.scopes IS 'Array of what the token permits there.';
COMMENT ON COLUMN auth.oauth_tokens.expires_at IS 'When the access token ends; NULL for never.';
COMMENT ON COLUMN auth.oauth_tokens.refresh_expires_at IS 'When the refresh token ends; NULL for never or for none.';
COMMENT ON COLUMN auth.oauth_tokens.usable_until IS
'Computed: until when the access token can be used or refreshed; NULL for ever.';
COMMENT ON COLUMN auth.oauth_tokens.created_at IS 'When the token was first stored.';
COMMENT ON COLUMN auth.oauth_tokens.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN auth.oauth_tokens.constitutional_hash IS 'Constitution under which the row was written.';

REVOKE SELECT ON auth.oauth_tokens FROM acgs_reader, acgs_writer;
GRANT SELECT (
    id, user_id, provider, provider_account_id, token_type, scopes, expires_at, refresh_expires_at, usable_until,
    created_at, updated_at, constitutional_hash
) ON auth.oauth_tokens TO acgs_reader, acgs_writer;
