-- How a policy treats groups of people.

CREATE TABLE fv.fairness_assessments (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    policy_id uuid NOT NULL,
    verification_result_id uuid,
    protected_attribute text NOT NULL,
    fairness_metric text NOT NULL,
    metric_value double precision NOT NULL,
    metric_threshold double precision NOT NULL,
    outcome text NOT NULL,
    fairness_score numeric(3, 2) NOT NULL,
    sample_size bigint NOT NULL,
    dataset_sha256 bytea,
    group_outcomes jsonb COMPRESSION lz4 NOT NULL DEFAULT '{}',
    recommendations jsonb NOT NULL DEFAULT '[]',
    assessment_method text NOT NULL DEFAULT 'automated',
    assessed_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    constitutional_hash text NOT NULL DEFAULT 'cdd01ef066bc6cf2',
    CONSTRAINT fairness_assessments_pkey PRIMARY KEY (id),
    CONSTRAINT fairness_assessments_verification_result_id_fkey FOREIGN KEY (verification_result_id)
    REFERENCES fv.verification_results (id),
    CONSTRAINT fairness_assessments_attribute_check CHECK (protected_attribute ~ '^[a-z][a-z0-9_]*$'),
    CONSTRAINT fairness_assessments_metric_check CHECK (
        fairness_metric IN (
            'demographic_parity', 'equalized_odds', 'equal_opportunity', 'predictive_parity', 'disparate_impact',
            'calibration', 'individual_fairness', 'counterfactual_fairness'
        )
    ),
    CONSTRAINT fairness_assessments_outcome_check CHECK (outcome IN ('fair', 'unfair', 'inconclusive')),
    CONSTRAINT fairness_assessments_score_check CHECK (fairness_score BETWEEN 0.00 AND 1.00),
    CONSTRAINT fairness_assessments_sample_size_check CHECK (sample_size >= 0),
    CONSTRAINT fairness_assessments_dataset_sha256_check CHECK (octet_length(dataset_sha256) = 32),
    CONSTRAINT fairness_assessments_group_outcomes_check CHECK (jsonb_typeof(group_outcomes) = 'object'),
    CONSTRAINT fairness_assessments_recommendations_check CHECK (jsonb_typeof(recommendations) = 'array'),
    CONSTRAINT fairness_assessments_method_check CHECK (assessment_method IN ('manual', 'automated', 'hybrid')),
    CONSTRAINT fairness_assessments_constitutional_hash_check CHECK (
        platform.is_constitutional_hash(constitutional_hash)
    )
);

COMMENT ON TABLE fv.fairness_assessments IS
'Evaluations of the fairness of a policy, one row per protected attribute and metric.';
COMMENT ON COLUMN fv.fairness_assessments.id IS 'Key.';
COMMENT ON COLUMN fv.fairness_assessments.policy_id IS
'The version of a policy that was assessed, gs.policies.id. No foreign key: services deploy on their own, and the '
'assessment outlives the policy.';
COMMENT ON COLUMN fv.fairness_assessments.verification_result_id IS 'Verification that it was part of, if any.';
COMMENT ON COLUMN fv.fairness_assessments.protected_attribute IS
'Attribute whose groups are compared, such as age_group: its name, never the values of persons.';
COMMENT ON COLUMN fv.fairness_assessments.fairness_metric IS
'demographic_parity, equalized_odds, equal_opportunity, predictive_parity, disparate_impact, calibration, '
'individual_fairness or counterfactual_fairness.';
COMMENT ON COLUMN fv.fairness_assessments.metric_value IS
'Measured value: a difference between groups, or a ratio for disparate_impact.';
COMMENT ON COLUMN fv.fairness_assessments.metric_threshold IS
'Bound it was held against: at most for a difference, at least for a ratio.';
COMMENT ON COLUMN fv.fairness_assessments.outcome IS
'fair, unfair, or inconclusive (too small a sample). Said by the service: the metric decides which side is good.';
COMMENT ON COLUMN fv.fairness_assessments.fairness_score IS '0.00 (unfair) to 1.00 (fair), comparable between metrics.';
COMMENT ON COLUMN fv.fairness_assessments.sample_size IS 'Cases that were looked at.';
COMMENT ON COLUMN fv.fairness_assessments.dataset_sha256 IS
'SHA-256 of the data: shows on which cases it rests, without keeping data of persons here.';
COMMENT ON COLUMN fv.fairness_assessments.group_outcomes IS
'Object: rates by group, no single cases. Compressed by lz4.';
COMMENT ON COLUMN fv.fairness_assessments.recommendations IS 'Array of what should be changed.';
COMMENT ON COLUMN fv.fairness_assessments.assessment_method IS 'manual, automated or hybrid.';
COMMENT ON COLUMN fv.fairness_assessments.assessed_by IS 'Person or program that assessed.';
COMMENT ON COLUMN fv.fairness_assessments.created_at IS 'When it was assessed.';
COMMENT ON COLUMN fv.fairness_assessments.constitutional_hash IS 'Constitution under which the row was written.';
