-- Where two principles ask for opposite things, and what was decided.

CREATE TABLE ac.principle_conflicts (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    principle_a_id uuid NOT NULL,
    principle_b_id uuid NOT NULL,
    conflict_type text NOT NULL DEFAULT 'practical',
    severity text NOT NULL DEFAULT 'medium',
    status text NOT NULL DEFAULT 'open',
    description text NOT NULL DEFAULT '',
    context jsonb NOT NULL DEFAULT '{}',
    resolution_strategy text,
    resolution jsonb NOT NULL DEFAULT '{}',
    prevailing_principle_id uuid,
    resolved_by uuid,
    resolved_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT principle_conflicts_pkey PRIMARY KEY (id),
    CONSTRAINT principle_conflicts_principle_a_id_fkey FOREIGN KEY (principle_a_id) REFERENCES ac.principles (id),
    CONSTRAINT principle_conflicts_principle_b_id_fkey FOREIGN KEY (principle_b_id) REFERENCES ac.principles (id),
    CONSTRAINT principle_conflicts_resolved_by_fkey FOREIGN KEY (resolved_by)
    REFERENCES ac.constitutional_council (id),
    CONSTRAINT principle_conflicts_pair_check CHECK (principle_a_id <> principle_b_id),
    CONSTRAINT principle_conflicts_prevailing_check CHECK (
        prevailing_principle_id IN (principle_a_id, principle_b_id)
    ),
    CONSTRAINT principle_conflicts_conflict_type_check CHECK (
        conflict_type IN ('logical', 'practical', 'priority', 'scope')
    ),
    CONSTRAINT principle_conflicts_severity_check CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    CONSTRAINT principle_conflicts_status_check CHECK (
        status IN ('open', 'in_review', 'escalated', 'resolved', 'dismissed')
    ),
    CONSTRAINT principle_conflicts_context_check CHECK (jsonb_typeof(context) = 'object'),
    CONSTRAINT principle_conflicts_resolution_strategy_check CHECK (
        resolution_strategy IN ('precedence', 'weighting', 'scope_restriction', 'amendment', 'council_vote')
    ),
    CONSTRAINT principle_conflicts_resolution_check CHECK (jsonb_typeof(resolution) = 'object'),
    CONSTRAINT principle_conflicts_resolved_check CHECK (
        (status IN ('resolved', 'dismissed')) = (resolved_at IS NOT NULL)
        AND (status <> 'resolved' OR resolution_strategy IS NOT NULL)
    ),
    CONSTRAINT principle_conflicts_constitutional_hash_check CHECK (
        platform.is_constitutional_hash(constitutional_hash)
    )
);

COMMENT ON TABLE ac.principle_conflicts IS 'Conflicts between two principles, with their resolution.';
COMMENT ON COLUMN ac.principle_conflicts.id IS 'Key.';
COMMENT ON COLUMN ac.principle_conflicts.principle_a_id IS 'One of the two principles.';
COMMENT ON COLUMN ac.principle_conflicts.principle_b_id IS 'The other one.';
COMMENT ON COLUMN ac.principle_conflicts.conflict_type IS
'logical (they exclude each other), practical (in this case), priority (which comes first) or scope (where each holds).';
COMMENT ON COLUMN ac.principle_conflicts.severity IS 'low, medium, high or critical.';
COMMENT ON COLUMN ac.principle_conflicts.status IS
'open, in_review, escalated (to the council), resolved or dismissed (was none).';
COMMENT ON COLUMN ac.principle_conflicts.description IS 'What the conflict is, for people.';
COMMENT ON COLUMN ac.principle_conflicts.context IS 'Object: where it came up.';
COMMENT ON COLUMN ac.principle_conflicts.resolution_strategy IS
'precedence, weighting, scope_restriction, amendment or council_vote; a resolved conflict has one.';
COMMENT ON COLUMN ac.principle_conflicts.resolution IS 'Object: what was decided.';
COMMENT ON COLUMN ac.principle_conflicts.prevailing_principle_id IS
'Which of the two prevails; NULL when neither does or nothing is decided yet. A check stands for the foreign key.';
COMMENT ON COLUMN ac.principle_conflicts.resolved_by IS 'Member of the council who decided; NULL when a program did.';
COMMENT ON COLUMN ac.principle_conflicts.resolved_at IS 'When it was resolved or dismissed.';
COMMENT ON COLUMN ac.principle_conflicts.created_at IS 'When it was found.';
COMMENT ON COLUMN ac.principle_conflicts.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN ac.principle_conflicts.constitutional_hash IS 'Constitution whose principles are in conflict.';
