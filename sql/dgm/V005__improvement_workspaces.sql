-- Where an improvement is developed and tried, one workspace for one improvement.

CREATE TABLE dgm.improvement_workspaces (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    improvement_id uuid NOT NULL,
    status text NOT NULL DEFAULT 'pending',
    source_code jsonb COMPRESSION lz4 NOT NULL DEFAULT '{}',
    configuration jsonb NOT NULL DEFAULT '{}',
    test_results jsonb NOT NULL DEFAULT '{}',
    validation_results jsonb NOT NULL DEFAULT '{}',
    environment_snapshot jsonb COMPRESSION lz4 NOT NULL DEFAULT '{}',
    rollback_plan jsonb NOT NULL DEFAULT '{}',
    risk_assessment jsonb NOT NULL DEFAULT '{}',
    safety_checks jsonb NOT NULL DEFAULT '[]',
    constitutional_compliance_score numeric(3, 2),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT improvement_workspaces_pkey PRIMARY KEY (id),
    CONSTRAINT improvement_workspaces_improvement_id_key UNIQUE (improvement_id),
    CONSTRAINT improvement_workspaces_improvement_id_fkey FOREIGN KEY (improvement_id)
    REFERENCES dgm.improvements (improvement_id),
    CONSTRAINT improvement_workspaces_status_check CHECK (
        status IN ('pending', 'active', 'testing', 'completed', 'failed', 'archived')
    ),
    CONSTRAINT improvement_workspaces_safety_checks_check CHECK (jsonb_typeof(safety_checks) = 'array'),
    CONSTRAINT improvement_workspaces_score_check CHECK (constitutional_compliance_score BETWEEN 0.00 AND 1.00),
    CONSTRAINT improvement_workspaces_completed_at_check CHECK (completed_at >= created_at),
    CONSTRAINT improvement_workspaces_constitutional_hash_check CHECK (
        platform.is_constitutional_hash(constitutional_hash)
    )
);

COMMENT ON TABLE dgm.improvement_workspaces IS 'Isolated environment in which one improvement is developed and tested.';
COMMENT ON COLUMN dgm.improvement_workspaces.id IS 'Key.';
COMMENT ON COLUMN dgm.improvement_workspaces.improvement_id IS 'The improvement; it has one workspace at most.';
COMMENT ON COLUMN dgm.improvement_workspaces.status IS
'pending, active, testing, completed, failed or archived.';
COMMENT ON COLUMN dgm.improvement_workspaces.source_code IS 'The changed sources or where they are. Compressed by lz4.';
COMMENT ON COLUMN dgm.improvement_workspaces.configuration IS 'Configuration under which the improvement is tried.';
COMMENT ON COLUMN dgm.improvement_workspaces.test_results IS 'What the tests said.';
COMMENT ON COLUMN dgm.improvement_workspaces.validation_results IS 'What the validation said.';
COMMENT ON COLUMN dgm.improvement_workspaces.environment_snapshot IS
'State of the environment before the change. Compressed by lz4.';
COMMENT ON COLUMN dgm.improvement_workspaces.rollback_plan IS 'How the change is undone.';
COMMENT ON COLUMN dgm.improvement_workspaces.risk_assessment IS 'Risks and their weight.';
COMMENT ON COLUMN dgm.improvement_workspaces.safety_checks IS 'Array of safety checks with their results.';
COMMENT ON COLUMN dgm.improvement_workspaces.constitutional_compliance_score IS '0.00 to 1.00; NULL until assessed.';
COMMENT ON COLUMN dgm.improvement_workspaces.created_at IS 'When the workspace was made.';
COMMENT ON COLUMN dgm.improvement_workspaces.updated_at IS 'When the row was last changed. Set by every update.';
COMMENT ON COLUMN dgm.improvement_workspaces.completed_at IS 'When the work was done; NULL while it goes on.';
COMMENT ON COLUMN dgm.improvement_workspaces.constitutional_hash IS 'Constitution under which the row was written.';
