-- Second factors of users: those that stay (an authenticator, a key) and those that are sent once and expire.

CREATE TABLE auth.mfa_tokens (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL,
    method text NOT NULL DEFAULT 'totp',
    secret text NOT NULL,
    label text,
    confirmed_at timestamptz,
    last_used_at timestamptz,
    last_used_step bigint,
    failed_attempts integer NOT NULL DEFAULT 0,
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT mfa_tokens_pkey PRIMARY KEY (id),
    CONSTRAINT mfa_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT mfa_tokens_method_check CHECK (method IN ('totp', 'webauthn', 'email', 'sms', 'recovery_code')),
    CONSTRAINT mfa_tokens_secret_check CHECK (secret <> ''),
    -- What was sent by mail or text message is worth nothing later.
    CONSTRAINT mfa_tokens_expires_at_check CHECK (method NOT IN ('email', 'sms') OR expires_at IS NOT NULL),
    CONSTRAINT mfa_tokens_failed_attempts_check CHECK (failed_attempts >= 0),
    CONSTRAINT mfa_tokens_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE auth.mfa_tokens IS
'Second factors by user. Those that have expired are deleted (auth.cleanup_expired_tokens()).';
COMMENT ON COLUMN auth.mfa_tokens.id IS 'Key.';
COMMENT ON COLUMN auth.mfa_tokens.user_id IS 'User whose factor it is.';
COMMENT ON COLUMN auth.mfa_tokens.method IS 'totp, webauthn, email, sms or recovery_code.';
COMMENT ON COLUMN auth.mfa_tokens.secret IS
'By method: the shared secret, encrypted by the service (totp); the public key (webauthn); a salted hash of the code '
'(email, sms, recovery_code). Only auth_service can read it.';
COMMENT ON COLUMN auth.mfa_tokens.label IS 'Name that the user has given to the device.';
COMMENT ON COLUMN auth.mfa_tokens.confirmed_at IS 'When the user first used it with success; NULL until then.';
COMMENT ON COLUMN auth.mfa_tokens.last_used_at IS 'When it was last used with success.';
COMMENT ON COLUMN auth.mfa_tokens.last_used_step IS
'Time step (totp) or signature counter (webauthn) of the last use: the next one must be greater, so none is replayed.';
COMMENT ON COLUMN auth.mfa_tokens.failed_attempts IS 'Failed attempts since the last good one, counted by the service.';
COMMENT ON COLUMN auth.mfa_tokens.expires_at IS 'When it ends by itself; NULL for never.';
COMMENT ON COLUMN auth.mfa_tokens.created_at IS 'When it was made.';
COMMENT ON COLUMN auth.mfa_tokens.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN auth.mfa_tokens.constitutional_hash IS 'Constitution under which the row was written.';

REVOKE SELECT ON auth.mfa_tokens FROM acgs_reader, acgs_writer;
GRANT SELECT (
    id, user_id, method, label, confirmed_at, last_used_at, last_used_step, failed_attempts, expires_at, created_at,
    updated_at, constitutional_hash
) ON auth.mfa_tokens TO acgs_reader, acgs_writer;
