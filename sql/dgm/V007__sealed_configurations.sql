-- Values of sensitive settings lie encrypted in a column of their own (R__configurations_1_seal.sql). Those that are there
-- in plain are encrypted by dgm.reencrypt_configurations(), once the keys are on the members: until then they break the
-- check, which is why it is not valid yet. Clients read values by dgm.get_configuration(), and only of sensitive settings,
-- which none could read in the column before, is it NULL now.

ALTER TABLE dgm.system_configurations
ADD COLUMN sealed_value bytea,
ADD COLUMN key_version integer,
-- squawk-ignore ban-drop-not-null
ALTER COLUMN config_value DROP NOT NULL,
ADD CONSTRAINT system_configurations_sealed_check CHECK (
    CASE
        WHEN is_sensitive THEN config_value IS NULL AND sealed_value IS NOT NULL AND key_version IS NOT NULL
        ELSE config_value IS NOT NULL AND sealed_value IS NULL AND key_version IS NULL
    END
) NOT VALID;

COMMENT ON TABLE dgm.system_configurations IS
'Settings of the DGM service by key. Changes count up the version and keep the value before. Who may see sensitive '
'settings is a matter of row-level security; their values are encrypted. Read and write values by '
'dgm.get_configuration() and dgm.set_configuration().';
COMMENT ON COLUMN dgm.system_configurations.config_value IS
'The value as JSON of the type given; its unit is in the key. NULL for a sensitive setting: what is written here is '
'encrypted into sealed_value.';
COMMENT ON COLUMN dgm.system_configurations.is_sensitive IS
'Whether only dgm_service sees the row, and the value is encrypted.';
COMMENT ON COLUMN dgm.system_configurations.sealed_value IS
'The value of a sensitive setting, encrypted: OpenPGP, AES-256. Set by every write of config_value.';
COMMENT ON COLUMN dgm.system_configurations.key_version IS 'Which key sealed_value was encrypted with.';
