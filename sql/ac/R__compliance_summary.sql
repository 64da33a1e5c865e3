-- How each principle did in the last seven days, and in the last one: the requirements' remedy for averages that were
-- computed anew by every reader. A job refreshes it (R__upkeep_schedule.sql), so it is up to ten minutes old; who needs
-- the very last checks finds idx_compliance_checks_timestamp made for that query.
--
-- A materialized view cannot be replaced. So this file makes its definition under another name first, without rows. If
-- the one in place says the same (as the server prints both), the new one goes, and nothing happened to readers. If
-- not, or if there is none, the new one is filled while readers still use the old one, and takes its place: readers
-- wait for those changes of the catalogue alone. A view that is built on it makes the DROP fail, with its name: drop
-- that view before, in the file that makes it. Before R__indexes.sql by its name, but with an index of its own here:
-- that file does not run again when only this one has changed.

CREATE MATERIALIZED VIEW ac.compliance_summary_next AS
SELECT
    principle_id,
    avg(compliance_score) AS avg_score,
    count(*) AS check_count,
    min(compliance_score) AS min_score,
    avg(compliance_score) FILTER (WHERE created_at > now() - interval '1 day') AS avg_score_last_day,
    count(*) FILTER (WHERE created_at > now() - interval '1 day') AS check_count_last_day,
    max(created_at) AS last_check_at
FROM ac.compliance_checks
WHERE created_at > now() - interval '7 days'
GROUP BY principle_id
WITH NO DATA;

DO $$
DECLARE
    held record;
BEGIN
    IF pg_get_viewdef(to_regclass('ac.compliance_summary')) = pg_get_viewdef('ac.compliance_summary_next'::regclass) THEN
        DROP MATERIALIZED VIEW ac.compliance_summary_next;
        RETURN;
    END IF;
    REFRESH MATERIALIZED VIEW ac.compliance_summary_next;
    -- Before R__privileges.sql gives it to its readers again, indexes may be built for a long time.
    FOR held IN
        SELECT format('GRANT %s ON ac.compliance_summary_next TO %I', acl.privilege_type, grantee.rolname) AS again
        FROM pg_class CROSS JOIN LATERAL aclexplode(relacl) AS acl INNER JOIN pg_roles AS grantee ON acl.grantee = grantee.oid
        WHERE pg_class.oid = to_regclass('ac.compliance_summary') AND acl.grantee <> relowner
    LOOP
        EXECUTE held.again;
    END LOOP;
    DROP MATERIALIZED VIEW IF EXISTS ac.compliance_summary;
    ALTER MATERIALIZED VIEW ac.compliance_summary_next RENAME TO compliance_summary;
    -- REFRESH … CONCURRENTLY needs it to tell old rows from new ones.
    CREATE UNIQUE INDEX compliance_summary_principle_id_key ON ac.compliance_summary (principle_id);
END
$$;

COMMENT ON MATERIALIZED VIEW ac.compliance_summary IS
'Compliance of each principle that was checked in the last seven days, as of the last refresh '
'(ac.refresh_compliance_summary(), every ten minutes).';
COMMENT ON COLUMN ac.compliance_summary.principle_id IS 'The principle.';
COMMENT ON COLUMN ac.compliance_summary.avg_score IS 'Mean score of the last seven days, 0 to 1.';
COMMENT ON COLUMN ac.compliance_summary.check_count IS 'Checks in the last seven days.';
COMMENT ON COLUMN ac.compliance_summary.min_score IS 'Worst score of the last seven days.';
COMMENT ON COLUMN ac.compliance_summary.avg_score_last_day IS 'Mean score of the last 24 hours; NULL without checks.';
COMMENT ON COLUMN ac.compliance_summary.check_count_last_day IS 'Checks in the last 24 hours.';
COMMENT ON COLUMN ac.compliance_summary.last_check_at IS 'When the principle was last checked.';
