-- The constitution's principles, against which everything is checked.

CREATE TABLE ac.principles (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    name text NOT NULL,
    category text NOT NULL,
    description text NOT NULL DEFAULT '',
    content text NOT NULL,
    normative_statement text,
    priority_weight numeric(3, 2) NOT NULL DEFAULT 0.50,
    is_active boolean NOT NULL DEFAULT true,
    version integer NOT NULL DEFAULT 1,
    scope jsonb NOT NULL DEFAULT '[]',
    constraints jsonb NOT NULL DEFAULT '{}',
    keywords jsonb NOT NULL DEFAULT '[]',
    rationale text,
    validation_criteria text,
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT principles_pkey PRIMARY KEY (id),
    CONSTRAINT principles_name_key UNIQUE (name),
    CONSTRAINT principles_name_check CHECK (name <> ''),
    -- An open vocabulary, of one spelling: the council brings new categories without a migration.
    CONSTRAINT principles_category_check CHECK (category ~ '^[a-z][a-z0-9_-]{0,62}$'),
    CONSTRAINT principles_content_check CHECK (content <> ''),
    CONSTRAINT principles_priority_weight_check CHECK (priority_weight BETWEEN 0.00 AND 1.00),
    CONSTRAINT principles_version_check CHECK (version > 0),
    CONSTRAINT principles_scope_check CHECK (jsonb_typeof(scope) = 'array'),
    CONSTRAINT principles_constraints_check CHECK (jsonb_typeof(constraints) = 'object'),
    CONSTRAINT principles_keywords_check CHECK (jsonb_typeof(keywords) = 'array'),
    CONSTRAINT principles_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE ac.principles IS
'Constitutional principles. One that was checked is not deleted but set inactive: its checks name it.';
COMMENT ON COLUMN ac.principles.id IS 'Key; policies of other services name a principle by it.';
COMMENT ON COLUMN ac.principles.name IS 'Name, unique.';
COMMENT ON COLUMN ac.principles.category IS 'Group of principles in lower case, such as safety or fairness.';
COMMENT ON COLUMN ac.principles.description IS 'What the principle is about, in a sentence.';
COMMENT ON COLUMN ac.principles.content IS 'The principle''s text.';
COMMENT ON COLUMN ac.principles.normative_statement IS
'The text as a rule that a synthesis can work with (must, must not); NULL until written.';
COMMENT ON COLUMN ac.principles.priority_weight IS 'Weight against other principles, 0.00 (least) to 1.00.';
COMMENT ON COLUMN ac.principles.is_active IS 'Whether the principle is in force.';
COMMENT ON COLUMN ac.principles.version IS
'Counts the changes of what the principle demands, from 1. Set by every such update.';
COMMENT ON COLUMN ac.principles.scope IS 'Array of contexts in which it applies; empty for all.';
COMMENT ON COLUMN ac.principles.constraints IS 'Object: what it demands, for programs.';
COMMENT ON COLUMN ac.principles.keywords IS 'Array of words under which it is found.';
COMMENT ON COLUMN ac.principles.rationale IS 'Why it is a principle.';
COMMENT ON COLUMN ac.principles.validation_criteria IS 'How a person tells whether it is met.';
COMMENT ON COLUMN ac.principles.created_by IS
'User who entered it (auth.users). No foreign key across schemas: services are deployed and write on their own.';
COMMENT ON COLUMN ac.principles.created_at IS 'When it was entered.';
COMMENT ON COLUMN ac.principles.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN ac.principles.constitutional_hash IS 'Constitution of which it is a principle.';
