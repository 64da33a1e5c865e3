-- Each call of a language model. Prompt and answer can be left out: their hashes always stay.
-- Keys are sequence numbers and not UUIDs: rows only come at the end, and so do their index entries.

CREATE SEQUENCE gs.llm_interactions_id_seq AS bigint CACHE 32;

CREATE TABLE gs.llm_interactions (
    id bigint NOT NULL DEFAULT nextval('gs.llm_interactions_id_seq'),
    created_at timestamptz NOT NULL DEFAULT now(),
    synthesis_id uuid,
    consensus_id uuid,
    user_id uuid,
    request_id text,
    provider text NOT NULL,
    model text NOT NULL,
    purpose text NOT NULL DEFAULT 'synthesis',
    status text NOT NULL DEFAULT 'succeeded',
    prompt text COMPRESSION lz4,
    prompt_sha256 bytea NOT NULL,
    response text COMPRESSION lz4,
    response_sha256 bytea,
    prompt_tokens integer,
    completion_tokens integer,
    cost_usd numeric(12, 6),
    latency_ms double precision,
    parameters jsonb NOT NULL DEFAULT '{}',
    error_message text,
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT llm_interactions_pkey PRIMARY KEY (id, created_at),
    -- Cheap at some thousand rows a day, and a generation is no use without the calls that made it.
    CONSTRAINT llm_interactions_synthesis_id_fkey FOREIGN KEY (synthesis_id) REFERENCES gs.synthesis_history (id),
    CONSTRAINT llm_interactions_consensus_id_fkey FOREIGN KEY (consensus_id) REFERENCES gs.multi_model_consensus (id),
    CONSTRAINT llm_interactions_provider_check CHECK (provider <> ''),
    CONSTRAINT llm_interactions_model_check CHECK (model <> ''),
    CONSTRAINT llm_interactions_purpose_check CHECK (purpose ~ '^[a-z][a-z0-9_]{0,62}$'),
    CONSTRAINT llm_interactions_status_check CHECK (
        status IN ('succeeded', 'failed', 'timed_out', 'rate_limited', 'filtered')
    ),
    CONSTRAINT llm_interactions_prompt_sha256_check CHECK (octet_length(prompt_sha256) = 32),
    CONSTRAINT llm_interactions_response_sha256_check CHECK (octet_length(response_sha256) = 32),
    CONSTRAINT llm_interactions_answer_check CHECK (status <> 'succeeded' OR response_sha256 IS NOT NULL),
    CONSTRAINT llm_interactions_tokens_check CHECK (prompt_tokens >= 0 AND completion_tokens >= 0),
    CONSTRAINT llm_interactions_cost_check CHECK (cost_usd >= 0),
    CONSTRAINT llm_interactions_latency_check CHECK (latency_ms >= 0),
    CONSTRAINT llm_interactions_parameters_check CHECK (jsonb_typeof(parameters) = 'object'),
    CONSTRAINT llm_interactions_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
) PARTITION BY RANGE (created_at);

ALTER SEQUENCE gs.llm_interactions_id_seq OWNED BY gs.llm_interactions.id;

COMMENT ON TABLE gs.llm_interactions IS
'Calls of language models with what they cost. Partitioned by month of created_at (UTC).';
COMMENT ON COLUMN gs.llm_interactions.id IS 'Ascending number; with created_at the key.';
COMMENT ON COLUMN gs.llm_interactions.created_at IS 'When it was logged; decides the partition.';
COMMENT ON COLUMN gs.llm_interactions.synthesis_id IS 'Generation that the call is part of, if any.';
COMMENT ON COLUMN gs.llm_interactions.consensus_id IS 'Round of consensus that the call is part of, if any.';
COMMENT ON COLUMN gs.llm_interactions.user_id IS
'User of auth.users on whose behalf it was made; NULL for a service. No foreign key: services deploy on their own, '
'and the log outlives the account.';
COMMENT ON COLUMN gs.llm_interactions.request_id IS 'The provider''s name for the call, to ask there.';
COMMENT ON COLUMN gs.llm_interactions.provider IS 'Who runs the model.';
COMMENT ON COLUMN gs.llm_interactions.model IS 'Model with its version.';
COMMENT ON COLUMN gs.llm_interactions.purpose IS
'What it was asked for, in lower case with underscores: synthesis, validation, consensus and others.';
COMMENT ON COLUMN gs.llm_interactions.status IS
'succeeded, failed, timed_out, rate_limited or filtered (by the provider); only the first needs an answer.';
COMMENT ON COLUMN gs.llm_interactions.prompt IS
'What was asked. NULL where the template and its values say enough, or once it must be forgotten. Compressed by lz4.';
COMMENT ON COLUMN gs.llm_interactions.prompt_sha256 IS
'SHA-256 of the prompt in UTF-8: recognises repeated ones. Computed where the prompt is stored; stays without it.';
COMMENT ON COLUMN gs.llm_interactions.response IS
'The answer. NULL where synthesis_history has it, or once it must be forgotten. Compressed by lz4.';
COMMENT ON COLUMN gs.llm_interactions.response_sha256 IS
'SHA-256 of the answer in UTF-8. Computed where the answer is stored; stays without it. NULL without an answer.';
COMMENT ON COLUMN gs.llm_interactions.prompt_tokens IS 'Tokens of the prompt, as the provider counts.';
COMMENT ON COLUMN gs.llm_interactions.completion_tokens IS 'Tokens of the answer, as the provider counts.';
COMMENT ON COLUMN gs.llm_interactions.cost_usd IS 'Price of the call in US dollars.';
COMMENT ON COLUMN gs.llm_interactions.latency_ms IS 'Time until the last token, in ms.';
COMMENT ON COLUMN gs.llm_interactions.parameters IS 'Object: temperature, seed and the like.';
COMMENT ON COLUMN gs.llm_interactions.error_message IS 'Why there is no answer.';
COMMENT ON COLUMN gs.llm_interactions.constitutional_hash IS 'Constitution under which the row was written.';
