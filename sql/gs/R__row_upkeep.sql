-- Columns that the server keeps, so that no client can forget them.

CREATE OR REPLACE FUNCTION gs.hash_llm_texts()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF new.prompt IS NOT NULL THEN
        new.prompt_sha256 := sha256(convert_to(new.prompt, 'UTF8'));
    END IF;
    IF new.response IS NOT NULL THEN
        new.response_sha256 := sha256(convert_to(new.response, 'UTF8'));
    END IF;
    RETURN new;
END
$$;

COMMENT ON FUNCTION gs.hash_llm_texts() IS
'Trigger: sets the hashes of prompt and answer where the texts are stored. Taking a text away leaves its hash.';

CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON gs.policy_templates
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON gs.synthesis_history
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON gs.multi_model_consensus
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER stamp_updated_at BEFORE UPDATE ON gs.wina_optimizations
FOR EACH ROW EXECUTE FUNCTION platform.stamp_updated_at();
CREATE OR REPLACE TRIGGER hash_llm_texts BEFORE INSERT OR UPDATE ON gs.llm_interactions
FOR EACH ROW EXECUTE FUNCTION gs.hash_llm_texts();
