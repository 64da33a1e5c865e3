-- Who sits on the council that decides on principles.

CREATE TABLE ac.constitutional_council (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL,
    member_name text NOT NULL,
    role text NOT NULL DEFAULT 'member',
    voting_weight numeric(3, 2) NOT NULL DEFAULT 1.00,
    expertise jsonb NOT NULL DEFAULT '[]',
    is_active boolean NOT NULL DEFAULT true,
    term_start timestamptz NOT NULL DEFAULT now(),
    term_end timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT constitutional_council_pkey PRIMARY KEY (id),
    CONSTRAINT constitutional_council_member_name_check CHECK (member_name <> ''),
    CONSTRAINT constitutional_council_role_check CHECK (role IN ('chair', 'deputy_chair', 'member', 'observer')),
    CONSTRAINT constitutional_council_voting_weight_check CHECK (voting_weight BETWEEN 0.00 AND 1.00),
    -- An observer has no vote.
    CONSTRAINT constitutional_council_observer_check CHECK (role <> 'observer' OR voting_weight = 0.00),
    CONSTRAINT constitutional_council_expertise_check CHECK (jsonb_typeof(expertise) = 'array'),
    CONSTRAINT constitutional_council_term_check CHECK (term_end > term_start),
    CONSTRAINT constitutional_council_constitutional_hash_check CHECK (
        platform.is_constitutional_hash(constitutional_hash)
    )
);

COMMENT ON TABLE ac.constitutional_council IS
'Members of the constitutional council, one row per term. Rows of past terms stay, inactive: decisions name them.';
COMMENT ON COLUMN ac.constitutional_council.id IS 'Key.';
COMMENT ON COLUMN ac.constitutional_council.user_id IS
'The member''s account (auth.users), in one active row at most. No foreign key across schemas.';
COMMENT ON COLUMN ac.constitutional_council.member_name IS 'Name to show; stays when the account is gone.';
COMMENT ON COLUMN ac.constitutional_council.role IS 'chair, deputy_chair, member or observer.';
COMMENT ON COLUMN ac.constitutional_council.voting_weight IS 'Weight of the vote, 0.00 (none, as observers) to 1.00.';
COMMENT ON COLUMN ac.constitutional_council.expertise IS 'Array of fields of knowledge.';
COMMENT ON COLUMN ac.constitutional_council.is_active IS 'Whether the member sits on the council now.';
COMMENT ON COLUMN ac.constitutional_council.term_start IS 'When the term begins.';
COMMENT ON COLUMN ac.constitutional_council.term_end IS 'When it ends; NULL while open.';
COMMENT ON COLUMN ac.constitutional_council.created_at IS 'When the row was entered.';
COMMENT ON COLUMN ac.constitutional_council.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN ac.constitutional_council.constitutional_hash IS 'Constitution under which the member was appointed.';
