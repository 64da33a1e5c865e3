-- What R__privileges.sql of every schema begins with. Touches only what somebody holds, so a run writes nothing
-- about a partition, but in dgm and integrity: there acgs_audit's rights on each are taken, and given again.

CREATE OR REPLACE FUNCTION platform.withdraw_privileges(from_schema regnamespace)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    held record;
BEGIN
    FOR held IN
        WITH relations AS (
            SELECT
                oid, relowner, relacl,
                format('%s %s', CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, oid::regclass) AS object
            FROM pg_class WHERE relnamespace = from_schema AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        ), privileges AS (
            SELECT relations.object, acl.grantee, relations.relowner AS owner
            FROM relations CROSS JOIN LATERAL aclexplode(relations.relacl) AS acl
            UNION
            SELECT relations.object, acl.grantee, relations.relowner
            FROM relations
            INNER JOIN pg_attribute ON relations.oid = pg_attribute.attrelid
            CROSS JOIN LATERAL aclexplode(pg_attribute.attacl) AS acl
            UNION
            SELECT format('ROUTINE %s', oid::regprocedure), acl.grantee, proowner
            FROM pg_proc CROSS JOIN LATERAL aclexplode(coalesce(proacl, acldefault('f', proowner))) AS acl
            WHERE pronamespace = from_schema
        )
        SELECT privileges.object, coalesce(quote_ident(role.rolname), 'PUBLIC') AS grantee
        FROM privileges LEFT JOIN pg_roles AS role ON privileges.grantee = role.oid
        WHERE privileges.grantee <> privileges.owner
        ORDER BY privileges.object, grantee
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %s CASCADE', held.object, held.grantee);
    END LOOP;
END
$$;

COMMENT ON FUNCTION platform.withdraw_privileges(regnamespace) IS
'Takes every privilege on the tables, columns, sequences and functions of a schema from everybody but their owners, '
'PostgreSQL''s own roles among them.';
