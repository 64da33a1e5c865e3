-- What keeps the history of a policy readable: a version that has left draft stays as it is, and goes only from one
-- status to the next. The table's constraints see to the rest (V003__policies.sql).

CREATE OR REPLACE FUNCTION gs.guard_policy()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    expected gs.policies;
BEGIN
    IF tg_op = 'DELETE' THEN
        IF old.status <> 'draft' THEN
            RAISE EXCEPTION 'version % of policy "%" cannot be deleted: it is no draft but %',
                old.version, old.name, old.status
                USING ERRCODE = 'integrity_constraint_violation', SCHEMA = 'gs', TABLE = 'policies',
                    HINT = 'Retire it: the history of a policy stays.';
        END IF;
        RETURN old;
    END IF;
    new.content_sha256 := sha256(convert_to(new.content, 'UTF8'));
    IF tg_op = 'UPDATE' THEN
        -- What may differ from the old row. Computed columns are not there yet in a BEFORE trigger.
        expected := new;
        IF old.status <> 'draft' THEN
            expected := old;
            expected.status := new.status;
            expected.activated_at := new.activated_at;
            expected.ended_at := new.ended_at;
            expected.constitutional_compliance_score := new.constitutional_compliance_score;
            expected.metadata := new.metadata;
            expected.updated_at := new.updated_at;
            expected.previous_version := new.previous_version;
            IF old.status = 'in_review' THEN
                expected.approved_by := new.approved_by;
                expected.approved_at := new.approved_at;
            END IF;
        END IF;
        expected.id := old.id;
        expected.name := old.name;
        expected.version := old.version;
        expected.created_at := old.created_at;
        IF new IS DISTINCT FROM expected THEN
            RAISE EXCEPTION 'version % of policy "%" cannot be changed that way while it is %',
                old.version, old.name, old.status
                USING ERRCODE = 'integrity_constraint_violation', SCHEMA = 'gs', TABLE = 'policies',
                    DETAIL = 'id, name, version and created_at never change; beyond draft only status, its times, '
                        'constitutional_compliance_score and metadata do.',
                    HINT = 'Insert the next version.';
        END IF;
        IF new.status <> old.status AND NOT (old.status, new.status) IN (
            ('draft', 'in_review'), ('draft', 'rejected'), ('in_review', 'draft'), ('in_review', 'approved'),
            ('in_review', 'rejected'), ('approved', 'active'), ('approved', 'retired'), ('active', 'superseded'),
            ('active', 'retired'), ('superseded', 'active'), ('superseded', 'retired')
        ) THEN
            RAISE EXCEPTION 'version % of policy "%" cannot go from % to %',
                old.version, old.name, old.status, new.status
                USING ERRCODE = 'check_violation', SCHEMA = 'gs', TABLE = 'policies',
                    CONSTRAINT = 'policies_status_transition';
        END IF;
        IF new.status = 'active' AND old.status <> 'active' THEN
            new.ended_at := NULL;
            new.activated_at := CASE WHEN new.activated_at IS DISTINCT FROM old.activated_at THEN new.activated_at END;
        END IF;
        new.updated_at := now();
    END IF;
    -- Times that the client left out. The table's checks say where there must be none.
    IF new.status = 'approved' THEN
        new.approved_at := coalesce(new.approved_at, now());
    ELSIF new.status = 'active' THEN
        new.activated_at := coalesce(new.activated_at, now());
    ELSIF new.status IN ('superseded', 'retired', 'rejected') THEN
        new.ended_at := coalesce(new.ended_at, now());
    END IF;
    RETURN new;
END
$$;

COMMENT ON FUNCTION gs.guard_policy() IS
'Trigger: hashes the text of a policy, keeps a version that is no draft as it is, checks the way of its status and '
'fills in its times.';

CREATE OR REPLACE TRIGGER guard_policy BEFORE INSERT OR UPDATE OR DELETE ON gs.policies
FOR EACH ROW EXECUTE FUNCTION gs.guard_policy();

CREATE OR REPLACE FUNCTION gs.activate_policy(policy_id uuid)
RETURNS gs.policies
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    wanted gs.policies;
BEGIN
    SELECT * INTO wanted FROM gs.policies WHERE id = activate_policy.policy_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no policy %', activate_policy.policy_id USING ERRCODE = 'no_data_found';
    END IF;
    -- Every policy has a first version: its lock makes those that activate versions of one policy wait for each
    -- other, and the statements below see what the one before has done.
    PERFORM FROM gs.policies WHERE name = wanted.name AND version = 1 FOR NO KEY UPDATE;
    UPDATE gs.policies SET status = 'superseded' WHERE name = wanted.name AND status = 'active' AND id <> wanted.id;
    UPDATE gs.policies SET status = 'active' WHERE id = wanted.id AND status <> 'active';
    SELECT * INTO wanted FROM gs.policies WHERE id = activate_policy.policy_id;
    RETURN wanted;
END
$$;

COMMENT ON FUNCTION gs.activate_policy(uuid) IS
'Puts a version that is approved (or was superseded: a way back) into force and supersedes the one that was, in one '
'step. Nothing changes for one that is active. Returns the version. Throws no_data_found for an unknown id, '
'check_violation for a version in another status, lock_not_available after 2 s of waiting for another activation.';
