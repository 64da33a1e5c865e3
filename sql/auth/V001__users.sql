-- User accounts.
--
-- A name and an address occur once whatever their case, because they are stored in lower case: a trigger
-- (R__row_upkeep.sql) writes them so, the checks hold it. So the plain unique keys are case-insensitive, the
-- requirements' plain indexes serve the log-in, and every log and token spells a user alike. Indexes on lower(…) would
-- leave those plain indexes without a query; citext would need an extension and changes what = means in every client.
-- Who asks for a user by name asks with lower(): WHERE username = lower($1).

CREATE TABLE auth.users (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    username text NOT NULL,
    email text NOT NULL,
    password_hash text,
    display_name text,
    is_active boolean NOT NULL DEFAULT true,
    email_verified boolean NOT NULL DEFAULT false,
    mfa_enabled boolean NOT NULL DEFAULT false,
    failed_login_attempts integer NOT NULL DEFAULT 0,
    locked_until timestamptz,
    last_login_at timestamptz,
    password_changed_at timestamptz,
    profile jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_username_key UNIQUE (username),
    CONSTRAINT users_email_key UNIQUE (email),
    CONSTRAINT users_username_check CHECK (username = lower(username) AND username ~ '^[^[:space:]]{1,255}$'),
    CONSTRAINT users_email_check CHECK (
        email = lower(email) AND email ~ '^[^[:space:]@]+@[^[:space:]@]+$' AND length(email) <= 254
    ),
    -- "$2b$…", "$argon2id$…": a password that came unhashed by mistake does not get into the table.
    CONSTRAINT users_password_hash_check CHECK (password_hash ~ '^\$[a-z0-9-]{1,32}\$.'),
    CONSTRAINT users_failed_login_attempts_check CHECK (failed_login_attempts >= 0),
    CONSTRAINT users_profile_check CHECK (jsonb_typeof(profile) = 'object'),
    CONSTRAINT users_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE auth.users IS 'User accounts and profiles.';
COMMENT ON COLUMN auth.users.id IS 'Key.';
COMMENT ON COLUMN auth.users.username IS
'Name to log in with, unique whatever its case: stored in lower case, whatever is written.';
COMMENT ON COLUMN auth.users.email IS 'Address, unique whatever its case: stored in lower case, whatever is written.';
COMMENT ON COLUMN auth.users.password_hash IS
'Salted hash with its parameters in crypt or PHC format, such as $argon2id$…; NULL for a user who only comes by OAuth. '
'Only auth_service can read it.';
COMMENT ON COLUMN auth.users.display_name IS 'Name to show, as the user spells it.';
COMMENT ON COLUMN auth.users.is_active IS 'Whether the user may log in and sessions of the user are good.';
COMMENT ON COLUMN auth.users.email_verified IS 'Whether the user has proved to own the address.';
COMMENT ON COLUMN auth.users.mfa_enabled IS 'Whether a log-in needs a second factor.';
COMMENT ON COLUMN auth.users.failed_login_attempts IS 'Failed log-ins since the last good one, counted by the service.';
COMMENT ON COLUMN auth.users.locked_until IS 'No log-in before this time; NULL when not locked. Sessions stay good.';
COMMENT ON COLUMN auth.users.last_login_at IS 'When the user last logged in; NULL before the first time.';
COMMENT ON COLUMN auth.users.password_changed_at IS 'When password_hash last changed. Set by every such update.';
COMMENT ON COLUMN auth.users.profile IS 'Object: what else the user has told, such as locale and time zone.';
COMMENT ON COLUMN auth.users.created_at IS 'When the account was made.';
COMMENT ON COLUMN auth.users.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN auth.users.constitutional_hash IS 'Constitution under which the row was written.';

-- Column by column, so that a column added later is not read by everybody before somebody has thought about it.
REVOKE SELECT ON auth.users FROM acgs_reader, acgs_writer;
GRANT SELECT (
    id, username, email, display_name, is_active, email_verified, mfa_enabled, failed_login_attempts, locked_until,
    last_login_at, password_changed_at, profile, created_at, updated_at, constitutional_hash
) ON auth.users TO acgs_reader, acgs_writer;
