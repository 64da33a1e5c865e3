-- Rules about rules: how principles are made, changed and weighed.

CREATE TABLE ac.meta_rules (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    name text NOT NULL,
    rule_type text NOT NULL,
    description text NOT NULL DEFAULT '',
    rule_definition jsonb NOT NULL DEFAULT '{}',
    decision_mechanism text NOT NULL DEFAULT 'majority_vote',
    approval_threshold numeric(3, 2),
    stakeholder_roles jsonb NOT NULL DEFAULT '[]',
    is_active boolean NOT NULL DEFAULT true,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT meta_rules_pkey PRIMARY KEY (id),
    CONSTRAINT meta_rules_name_key UNIQUE (name),
    CONSTRAINT meta_rules_name_check CHECK (name <> ''),
    CONSTRAINT meta_rules_rule_type_check CHECK (rule_type ~ '^[a-z][a-z0-9_-]{0,62}$'),
    CONSTRAINT meta_rules_rule_definition_check CHECK (jsonb_typeof(rule_definition) = 'object'),
    CONSTRAINT meta_rules_decision_mechanism_check CHECK (
        decision_mechanism IN ('majority_vote', 'supermajority_vote', 'weighted_vote', 'consensus', 'delegated')
    ),
    CONSTRAINT meta_rules_approval_threshold_check CHECK (approval_threshold BETWEEN 0.00 AND 1.00),
    CONSTRAINT meta_rules_stakeholder_roles_check CHECK (jsonb_typeof(stakeholder_roles) = 'array'),
    CONSTRAINT meta_rules_version_check CHECK (version > 0),
    CONSTRAINT meta_rules_constitutional_hash_check CHECK (platform.is_constitutional_hash(constitutional_hash))
);

COMMENT ON TABLE ac.meta_rules IS 'Meta-governance rules: who decides on principles, how, and with which majority.';
COMMENT ON COLUMN ac.meta_rules.id IS 'Key.';
COMMENT ON COLUMN ac.meta_rules.name IS 'Name, unique.';
COMMENT ON COLUMN ac.meta_rules.rule_type IS 'Kind of rule in lower case, such as amendment_procedure.';
COMMENT ON COLUMN ac.meta_rules.description IS 'What the rule says, for people.';
COMMENT ON COLUMN ac.meta_rules.rule_definition IS 'Object: what the rule says, for programs.';
COMMENT ON COLUMN ac.meta_rules.decision_mechanism IS
'majority_vote, supermajority_vote, weighted_vote, consensus or delegated.';
COMMENT ON COLUMN ac.meta_rules.approval_threshold IS
'Share of votes from which a proposal is accepted, 0.00 to 1.00; NULL where the mechanism needs none.';
COMMENT ON COLUMN ac.meta_rules.stakeholder_roles IS 'Array of roles that take part in the decision.';
COMMENT ON COLUMN ac.meta_rules.is_active IS 'Whether the rule is in force.';
COMMENT ON COLUMN ac.meta_rules.version IS
'Counts the changes of what the rule says, from 1. Set by every such update.';
COMMENT ON COLUMN ac.meta_rules.created_at IS 'When it was entered.';
COMMENT ON COLUMN ac.meta_rules.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN ac.meta_rules.constitutional_hash IS 'Constitution under which the row was written.';
