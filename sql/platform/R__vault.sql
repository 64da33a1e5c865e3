-- acgs: role=superuser
-- Values that are encrypted at rest. The keys are no part of the database: they lie in a file beside the data directory
-- of each member, which the stack writes (components/security) and neither a dump nor a base backup holds. Only the
-- functions here read it, as a role that nobody is or becomes; no function returns a key to anybody else.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'acgs_vault') THEN
        CREATE ROLE acgs_vault;
    END IF;
END
$$;

ALTER ROLE acgs_vault NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD NULL;
COMMENT ON ROLE acgs_vault IS 'Reads the keys of encrypted values, in the functions of schema vault alone. Nobody is or becomes it.';

CREATE SCHEMA IF NOT EXISTS vault;
COMMENT ON SCHEMA vault IS 'Encrypts and decrypts values at rest with keys that lie outside of the database.';

-- To read a file outside of the data directory takes membership beside the function, which R__privileges.sql gives.
GRANT pg_read_server_files TO acgs_vault;

-- {"active": 2, "keys": {"1": "…", "2": "…"}}. Read anew each time, so that a rotation needs no reload.
CREATE OR REPLACE FUNCTION vault.keys()
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found jsonb;
BEGIN
    BEGIN
        found := pg_read_file('/var/lib/postgresql/data/keys/configuration-keys.json', 0, 1048576, true)::jsonb;
    EXCEPTION WHEN OTHERS THEN
        -- What the file holds must be in no message.
        found := NULL;
    END;
    IF length(found -> 'keys' ->> (found ->> 'active')) >= 32 THEN
        RETURN found;
    END IF;
    RAISE EXCEPTION 'the keys of encrypted values are not on this server'
        USING ERRCODE = 'config_file_error',
            DETAIL = '/var/lib/postgresql/data/keys/configuration-keys.json is missing, cannot be read, or holds no active key.',
            HINT = 'Run `npm run up`, which writes it on every member.';
END
$$;

CREATE OR REPLACE FUNCTION vault.active_key()
RETURNS integer
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$ SELECT (vault.keys() ->> 'active')::integer $$;

-- OpenPGP with AES-256 and a check of integrity. What it belongs to is encrypted with it, so that a ciphertext that is
-- copied elsewhere does not open. The key is random already: stretching it would only cost time.
CREATE OR REPLACE FUNCTION vault.seal(belongs_to uuid, plain jsonb, OUT sealed bytea, OUT key_version integer)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known constant jsonb := vault.keys();
BEGIN
    key_version := (known ->> 'active')::integer;
    sealed := public.pgp_sym_encrypt(
        jsonb_build_object('of', belongs_to, 'value', plain)::text,
        known -> 'keys' ->> (known ->> 'active'),
        'cipher-algo=aes256, compress-algo=0, s2k-mode=1'
    );
END
$$;

CREATE OR REPLACE FUNCTION vault.open(belongs_to uuid, sealed bytea, key_version integer)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known constant text := vault.keys() -> 'keys' ->> key_version::text;
    opened jsonb;
BEGIN
    IF known IS NULL THEN
        RAISE EXCEPTION 'key % of encrypted values is not on this server', key_version
            USING ERRCODE = 'config_file_error',
                HINT = 'The value is from before a rotation of keys. Run `npm run up` with a higher '
                    'acgs-db:secrets.configurationKey, which encrypts it anew.';
    END IF;
    BEGIN
        opened := public.pgp_sym_decrypt(sealed, known)::jsonb;
    EXCEPTION WHEN OTHERS THEN
        opened := NULL;
    END;
    IF (opened ->> 'of')::uuid IS DISTINCT FROM belongs_to OR opened -> 'value' IS NULL THEN
        RAISE EXCEPTION 'the encrypted value of % was altered, or encrypted with another key', belongs_to
            USING ERRCODE = 'data_corrupted';
    END IF;
    RETURN opened -> 'value';
END
$$;

COMMENT ON FUNCTION vault.keys() IS
'Keys of encrypted values by version, from the file of this member; for the functions of this schema. Throws '
'config_file_error where it is missing.';
COMMENT ON FUNCTION vault.active_key() IS 'Version of the key that new values are encrypted with.';
COMMENT ON FUNCTION vault.seal(uuid, jsonb) IS
'Encrypts a value with the active key for the row that it belongs to. For acgs_owner, in functions that say who may.';
COMMENT ON FUNCTION vault.open(uuid, bytea, integer) IS
'Decrypts what vault.seal() has made for the same row. Throws config_file_error where the key is not there, '
'data_corrupted where the ciphertext is not that row''s.';

ALTER FUNCTION vault.keys() OWNER TO acgs_vault;
ALTER FUNCTION vault.active_key() OWNER TO acgs_vault;
ALTER FUNCTION vault.seal(uuid, jsonb) OWNER TO acgs_vault;
ALTER FUNCTION vault.open(uuid, bytea, integer) OWNER TO acgs_vault;
