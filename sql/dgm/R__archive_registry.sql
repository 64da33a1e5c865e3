-- Keeps dgm.improvements in step with dgm.dgm_archive, so that improvement_id is unique although the archive is
-- partitioned, and a foreign key on the registry is one on the archive. Why each lock is there: docs/dgm.md.
--
-- An update that changes the status moves the row to another sub-partition. The server does that as a DELETE and
-- an INSERT, and fires BEFORE UPDATE, BEFORE INSERT and AFTER DELETE, in this order.

CREATE OR REPLACE FUNCTION dgm.register_improvement()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    registered dgm.improvements;
BEGIN
    LOOP
        -- Waits for another session that is just registering the same improvement.
        INSERT INTO dgm.improvements (improvement_id, created_at, status, constitutional_hash)
        VALUES (new.improvement_id, new.created_at, new.status, new.constitutional_hash)
        ON CONFLICT (improvement_id) DO NOTHING;
        EXIT WHEN FOUND;
        -- The lock waits for a change of status that is under way elsewhere, and holds off the next one: without
        -- it a second row could slip into the sub-partition which the first one is about to leave.
        SELECT * INTO registered FROM dgm.improvements
        WHERE improvement_id = new.improvement_id FOR NO KEY UPDATE;
        -- Not there any more: it was deleted in between, so this one may register.
        CONTINUE WHEN NOT FOUND;
        -- The same place as registered: either this is the row itself on its way to a new sub-partition, or a
        -- second one, and then the primary key of that sub-partition refuses it.
        EXIT WHEN (registered.created_at, registered.status) = (new.created_at, new.status);
        RAISE EXCEPTION 'improvement % is in the archive already', new.improvement_id
            USING ERRCODE = 'unique_violation', SCHEMA = 'dgm', TABLE = 'dgm_archive', COLUMN = 'improvement_id',
                CONSTRAINT = 'improvements_pkey',
                DETAIL = format('Created at %s, status %s.', registered.created_at, registered.status),
                HINT = 'Update the row that is there; an improvement has one row in the archive.';
    END LOOP;
    RETURN new;
END
$$;

CREATE OR REPLACE FUNCTION dgm.follow_improvement()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (new.improvement_id, new.created_at) IS DISTINCT FROM (old.improvement_id, old.created_at) THEN
        RAISE EXCEPTION 'improvement_id and created_at of an archived improvement cannot be changed'
            USING ERRCODE = 'integrity_constraint_violation', SCHEMA = 'dgm', TABLE = 'dgm_archive',
                DETAIL = format('Improvement %s, created at %s.', old.improvement_id, old.created_at);
    END IF;
    new.updated_at := now();
    IF new.status <> old.status THEN
        IF new."timestamp" = old."timestamp" THEN
            new."timestamp" := now();
        END IF;
        UPDATE dgm.improvements SET status = new.status WHERE improvement_id = new.improvement_id;
    END IF;
    RETURN new;
END
$$;

CREATE OR REPLACE FUNCTION dgm.unregister_improvement()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- A row that only moves has its new status in the registry by now and is not found here. Foreign keys of
    -- metrics, compliance logs and workspaces refuse the deletion of an improvement that they reference.
    DELETE FROM dgm.improvements
    WHERE improvement_id = old.improvement_id AND created_at = old.created_at AND status = old.status;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION dgm.register_improvement() IS 'Trigger: registers an archived improvement, refuses a second row.';
COMMENT ON FUNCTION dgm.follow_improvement() IS
'Trigger: takes a change of status over into the registry, keeps updated_at and "timestamp".';
COMMENT ON FUNCTION dgm.unregister_improvement() IS 'Trigger: removes a deleted improvement from the registry.';

CREATE OR REPLACE TRIGGER register_improvement BEFORE INSERT ON dgm.dgm_archive
FOR EACH ROW EXECUTE FUNCTION dgm.register_improvement();
CREATE OR REPLACE TRIGGER follow_improvement BEFORE UPDATE ON dgm.dgm_archive
FOR EACH ROW EXECUTE FUNCTION dgm.follow_improvement();
CREATE OR REPLACE TRIGGER unregister_improvement AFTER DELETE ON dgm.dgm_archive
FOR EACH ROW EXECUTE FUNCTION dgm.unregister_improvement();
