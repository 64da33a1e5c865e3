-- What users may do: permissions, roles that hold them, and who has which role.
--
-- roles.permissions, an array of names, is what the service writes and what the authentication look-up reads: with the
-- role's row come its permissions, without two more joins on the hottest query. What an array cannot have is a foreign
-- key. So triggers (R__permission_references.sql) keep role_permissions in step, and its foreign keys refuse a role
-- with a permission that is not there, and the deletion or renaming of one that a role holds. It also answers "which
-- roles may do this". Nobody but those triggers writes it, so the two cannot say different things.

CREATE TABLE auth.permissions (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    name text NOT NULL,
    resource text NOT NULL,
    action text NOT NULL,
    description text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT permissions_pkey PRIMARY KEY (id),
    CONSTRAINT permissions_name_key UNIQUE (name),
    CONSTRAINT permissions_resource_action_key UNIQUE (resource, action),
    CONSTRAINT permissions_name_check CHECK (name ~ '^[a-z0-9_*][a-z0-9_.:*-]{0,126}$'),
    CONSTRAINT permissions_resource_check CHECK (resource ~ '^[a-z0-9_*][a-z0-9_.:*-]{0,62}$'),
    CONSTRAINT permissions_action_check CHECK (action ~ '^[a-z0-9_*][a-z0-9_.:*-]{0,62}$'),
    CONSTRAINT permissions_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE auth.permissions IS 'What can be permitted: an action on a kind of resource.';
COMMENT ON COLUMN auth.permissions.id IS 'Key.';
COMMENT ON COLUMN auth.permissions.name IS
'Name by which roles hold it, such as policy:approve. Fixed while a role holds it.';
COMMENT ON COLUMN auth.permissions.resource IS 'Kind of resource, such as policy; * for all.';
COMMENT ON COLUMN auth.permissions.action IS 'What is done with it, such as approve; * for all.';
COMMENT ON COLUMN auth.permissions.description IS 'What it permits, for people.';
COMMENT ON COLUMN auth.permissions.created_at IS 'When the permission was made.';
COMMENT ON COLUMN auth.permissions.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN auth.permissions.constitutional_hash IS 'Constitution under which the row was written.';

CREATE TABLE auth.roles (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    permissions jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT roles_pkey PRIMARY KEY (id),
    CONSTRAINT roles_name_key UNIQUE (name),
    CONSTRAINT roles_name_check CHECK (name ~ '^[a-z][a-z0-9_.-]{0,62}$'),
    CONSTRAINT roles_permissions_check CHECK (
        jsonb_typeof(permissions) = 'array'
        AND NOT jsonb_path_exists(permissions, 'strict $[*] ? (@.type() != "string")', '{}', true)
    ),
    CONSTRAINT roles_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE auth.roles IS 'Roles with the permissions they hold.';
COMMENT ON COLUMN auth.roles.id IS 'Key.';
COMMENT ON COLUMN auth.roles.name IS 'Name of the role in lower case, such as council_member.';
COMMENT ON COLUMN auth.roles.description IS 'Who should have the role, for people.';
COMMENT ON COLUMN auth.roles.permissions IS
'Array of names of auth.permissions. One that is not there is refused (foreign_key_violation).';
COMMENT ON COLUMN auth.roles.created_at IS 'When the role was made.';
COMMENT ON COLUMN auth.roles.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN auth.roles.constitutional_hash IS 'Constitution under which the row was written.';

CREATE TABLE auth.role_permissions (
    role_id uuid NOT NULL,
    permission_name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    -- The permission comes first: "which roles hold it" and the check on its deletion read this key. The permissions
    -- of a role stand in roles.permissions.
    CONSTRAINT role_permissions_pkey PRIMARY KEY (permission_name, role_id),
    CONSTRAINT role_permissions_role_id_fkey FOREIGN KEY (role_id) REFERENCES auth.roles (id) ON DELETE CASCADE,
    CONSTRAINT role_permissions_permission_name_fkey FOREIGN KEY (permission_name)
    REFERENCES auth.permissions (name),
    CONSTRAINT role_permissions_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE auth.role_permissions IS
'roles.permissions as a relation, so that the server holds the references. Written by triggers of auth.roles only.';
COMMENT ON COLUMN auth.role_permissions.role_id IS 'Role that holds the permission.';
COMMENT ON COLUMN auth.role_permissions.permission_name IS 'Permission that it holds.';
COMMENT ON COLUMN auth.role_permissions.created_at IS 'Since when it holds it.';
COMMENT ON COLUMN auth.role_permissions.constitutional_hash IS 'Constitution under which the row was written.';

REVOKE INSERT, UPDATE, DELETE ON auth.role_permissions FROM auth_service, acgs_writer;

CREATE TABLE auth.user_roles (
    user_id uuid NOT NULL,
    role_id uuid NOT NULL,
    granted_by uuid,
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    -- The role comes first: this key serves "who has this role" and the role's foreign key. From the user's side
    -- idx_user_roles_composite does, which the requirements name; the same order here would be that index twice.
    CONSTRAINT user_roles_pkey PRIMARY KEY (role_id, user_id),
    CONSTRAINT user_roles_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT user_roles_role_id_fkey FOREIGN KEY (role_id) REFERENCES auth.roles (id),
    CONSTRAINT user_roles_granted_by_fkey FOREIGN KEY (granted_by) REFERENCES auth.users (id) ON DELETE SET NULL,
    CONSTRAINT user_roles_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE auth.user_roles IS 'Which user has which role. A role that somebody has cannot be deleted.';
COMMENT ON COLUMN auth.user_roles.user_id IS 'User who has the role.';
COMMENT ON COLUMN auth.user_roles.role_id IS 'The role.';
COMMENT ON COLUMN auth.user_roles.granted_by IS 'User who granted it; NULL when a program did or that user is gone.';
COMMENT ON COLUMN auth.user_roles.expires_at IS 'When the grant ends by itself; NULL for never.';
COMMENT ON COLUMN auth.user_roles.created_at IS 'When it was granted.';
COMMENT ON COLUMN auth.user_roles.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN auth.user_roles.constitutional_hash IS 'Constitution under which the row was written.';
