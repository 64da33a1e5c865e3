-- How governance proceeds: which steps a change of a policy goes through, who has to agree.

CREATE TABLE pgc.governance_workflows (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    name text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    workflow_type text NOT NULL,
    status text NOT NULL DEFAULT 'draft',
    description text NOT NULL DEFAULT '',
    trigger_event text NOT NULL,
    steps jsonb NOT NULL,
    required_approvals integer NOT NULL DEFAULT 1,
    approval_threshold numeric(3, 2) NOT NULL DEFAULT 0.51,
    timeout_hours integer NOT NULL DEFAULT 72,
    created_by uuid,
    activated_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT governance_workflows_pkey PRIMARY KEY (id),
    CONSTRAINT governance_workflows_name_version_key UNIQUE (name, version),
    CONSTRAINT governance_workflows_name_check CHECK (name <> ''),
    CONSTRAINT governance_workflows_version_check CHECK (version > 0),
    CONSTRAINT governance_workflows_type_check CHECK (
        workflow_type IN ('policy_approval', 'amendment', 'conflict_resolution', 'review', 'emergency')
    ),
    CONSTRAINT governance_workflows_status_check CHECK (status IN ('draft', 'active', 'suspended', 'retired')),
    CONSTRAINT governance_workflows_activated_check CHECK (status <> 'active' OR activated_at IS NOT NULL),
    CONSTRAINT governance_workflows_trigger_event_check CHECK (trigger_event ~ '^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$'),
    CONSTRAINT governance_workflows_steps_check CHECK (
        CASE jsonb_typeof(steps) WHEN 'array' THEN jsonb_array_length(steps) > 0 ELSE false END
    ),
    CONSTRAINT governance_workflows_required_approvals_check CHECK (required_approvals >= 0),
    CONSTRAINT governance_workflows_approval_threshold_check CHECK (approval_threshold BETWEEN 0.00 AND 1.00),
    CONSTRAINT governance_workflows_timeout_hours_check CHECK (timeout_hours > 0),
    CONSTRAINT governance_workflows_constitutional_hash_check CHECK (
        platform.is_constitutional_hash(constitutional_hash)
    )
);

COMMENT ON TABLE pgc.governance_workflows IS 'Definitions of governance workflows. One version of a name is active.';
COMMENT ON COLUMN pgc.governance_workflows.id IS 'Key.';
COMMENT ON COLUMN pgc.governance_workflows.name IS 'Name, the same in all versions.';
COMMENT ON COLUMN pgc.governance_workflows.version IS 'Version of the definition, from 1.';
COMMENT ON COLUMN pgc.governance_workflows.workflow_type IS
'policy_approval, amendment, conflict_resolution, review or emergency.';
COMMENT ON COLUMN pgc.governance_workflows.status IS 'draft, active, suspended or retired.';
COMMENT ON COLUMN pgc.governance_workflows.description IS 'What it is for, for people.';
COMMENT ON COLUMN pgc.governance_workflows.trigger_event IS 'Event that starts it, such as policy.proposed.';
COMMENT ON COLUMN pgc.governance_workflows.steps IS 'Array of steps in their order, one at least.';
COMMENT ON COLUMN pgc.governance_workflows.required_approvals IS 'Approvals that it takes; 0 for none.';
COMMENT ON COLUMN pgc.governance_workflows.approval_threshold IS 'Share of votes that it takes, 0.00 to 1.00.';
COMMENT ON COLUMN pgc.governance_workflows.timeout_hours IS 'Hours after which an instance fails.';
COMMENT ON COLUMN pgc.governance_workflows.created_by IS
'User who wrote it (auth.users); NULL for the system itself. No foreign key across schemas.';
COMMENT ON COLUMN pgc.governance_workflows.activated_at IS 'When it was last made active.';
COMMENT ON COLUMN pgc.governance_workflows.created_at IS 'When the row was made.';
COMMENT ON COLUMN pgc.governance_workflows.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN pgc.governance_workflows.constitutional_hash IS 'Constitution under which the row was written.';
