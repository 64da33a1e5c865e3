-- Where no sensitive value was in plain, the check holds at once; elsewhere dgm.reencrypt_configurations() validates it.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM dgm.system_configurations WHERE is_sensitive) THEN
        ALTER TABLE dgm.system_configurations VALIDATE CONSTRAINT system_configurations_sealed_check;
    END IF;
END
$$;
