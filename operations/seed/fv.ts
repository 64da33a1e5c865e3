import { DAY } from "./clock.ts";
import { bytes, decimal, json, NULL, score, time, yesNo } from "./copyText.ts";
import type { TableData } from "./dataset.ts";
import { Choice, zipf } from "./distribution.ts";
import { prose, smtlib } from "./prose.ts";
import { METHOD, SEVERITY, titleCase } from "./vocabulary.ts";

const PROPERTY_TYPES = ["safety", "invariant", "security", "fairness", "liveness"];
const SUBJECTS = [
  "access_denied",
  "data_expired",
  "approval_given",
  "appeal_open",
  "risk_bounded",
  "trail_complete",
];
const OUTCOMES = new Choice({
  verified: 82,
  violated: 9,
  unknown: 4,
  timed_out: 2,
  failed: 1,
  running: 1,
  pending: 1,
});
const ANSWERS: Record<string, string> = { verified: "unsat", violated: "sat", unknown: "unknown" };
const CHECKS = new Choice({ policy_set: 50, policy_pair: 30, policy_principle: 15, temporal: 5 });
const CONSISTENCY = new Choice({ consistent: 84, inconsistent: 11, unknown: 3, failed: 2 });
const ATTRIBUTES = ["age_group", "gender", "region", "language", "disability", "income_band"];
const METRICS = [
  ...["demographic_parity", "equalized_odds", "equal_opportunity", "predictive_parity", "disparate_impact"],
  ...["calibration", "individual_fairness", "counterfactual_fairness"],
];

export const safetyProperties: TableData = {
  name: "fv.safety_properties",
  columns: [
    ...[
      "id",
      "name",
      "property_type",
      "description",
      "formal_specification",
      "severity",
      "priority",
      "is_active",
    ],
    ...["principle_id", "created_by", "created_at", "updated_at"],
  ],
  rows(set) {
    const keys = set.keys("fv.safety_properties");
    const random = set.random("fv.safety_properties");
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const subject = SUBJECTS[i % SUBJECTS.length]!;
        const made = time(Math.floor(set.start - random.unit() * 300 * DAY));
        return (
          `${keys.uuid(i)}\t${titleCase(subject)} ${i + 1} (${set.tag})\t${random.pick(PROPERTY_TYPES)}` +
          `\t${prose(random, 2)}\t${smtlib(random, subject, 3)}\t${SEVERITY.at(random.unit())}\t${random.between(1, 1000)}` +
          `\t${yesNo(random.chance(0.9))}\t${set.keys("ac.principles").uuid(random.below(set.counts["ac.principles"]))}` +
          `\t${set.keys("auth.users").uuid(random.below(20))}\t${made}\t${made}`
        );
      },
    };
  },
};

export const verificationRules: TableData = {
  name: "fv.verification_rules",
  columns: [
    ...["id", "name", "version", "safety_property_id", "description", "rule_set", "solver_options"],
    ...["solver_timeout_ms", "status", "created_by", "created_at", "updated_at"],
  ],
  needs: ["fv.safety_properties"],
  rows(set) {
    const keys = set.keys("fv.verification_rules");
    const random = set.random("fv.verification_rules");
    const properties = set.counts["fv.safety_properties"];
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const property = i % properties;
        const subject = SUBJECTS[property % SUBJECTS.length]!;
        const isNewest = i + properties >= set.counts["fv.verification_rules"];
        const made = time(Math.floor(set.start - random.unit() * 200 * DAY));
        return (
          `${keys.uuid(i)}\trules of ${subject} ${property + 1} (${set.tag})\t${Math.floor(i / properties) + 1}` +
          `\t${set.keys("fv.safety_properties").uuid(property)}\t${prose(random, 1)}\t${smtlib(random, subject, 8)}` +
          `\t{"tactic":"${random.pick(["smt", "qflra", "simplify"])}"}\t5000\t${isNewest ? "active" : "deprecated"}` +
          `\t${set.keys("auth.users").uuid(random.below(20))}\t${made}\t${made}`
        );
      },
    };
  },
};

export const verificationResults: TableData = {
  name: "fv.verification_results",
  columns: [
    ...[
      "id",
      "policy_id",
      "safety_property_id",
      "verification_rule_id",
      "verification_status",
      "solver_version",
    ],
    ...[
      "solver_result",
      "input_sha256",
      "counterexample",
      "unsat_core",
      "solver_statistics",
      "confidence_score",
    ],
    ...[
      "duration_ms",
      "error_message",
      "requested_by",
      "created_at",
      "started_at",
      "completed_at",
      "updated_at",
    ],
  ],
  needs: ["fv.safety_properties", "fv.verification_rules"],
  rows(set) {
    const keys = set.keys("fv.verification_results");
    const random = set.random("fv.verification_results");
    const count = set.counts["fv.verification_results"];
    const policy = zipf(set.counts["gs.policies"]);
    const user = zipf(set.counts["auth.users"]);
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const share = (i + random.unit()) / count;
        // What is still at work was asked for last.
        const drawn = OUTCOMES.at(random.unit());
        const isOpen = drawn === "pending" || drawn === "running";
        const status = isOpen && share < 0.98 ? "verified" : drawn;
        const isOver = status !== "pending" && status !== "running";
        const made = set.office.at(share);
        const spent = status === "timed_out" ? 5000 : Math.min(4999, random.skewed(180, 1));
        const begun = Math.min(set.until, made + random.below(2000));
        const over = Math.floor(begun + spent);
        const property = random.below(set.counts["fv.safety_properties"]);
        const model =
          status === "violated"
            ? `{"risk":0.${random.between(10, 99)},"clearance":${random.below(5)}}`
            : NULL;
        const core = status === "verified" ? `["a${random.below(9)}","a${random.between(10, 19)}"]` : NULL;
        return (
          `${keys.uuid(i)}\t${set.keys("gs.policies").uuid(policy.index(random.unit()))}` +
          `\t${set.keys("fv.safety_properties").uuid(property)}` +
          `\t${set.keys("fv.verification_rules").uuid(random.below(set.counts["fv.verification_rules"]))}` +
          `\t${status}\t4.15.${random.between(3, 5)}\t${ANSWERS[status] ?? NULL}\t${bytes(keys.hex(i, 256))}\t${model}\t${core}` +
          `\t{"conflicts":${Math.round(random.skewed(90, 1.2))},"memory_mb":${random.between(12, 300)}}` +
          `\t${score(0.9 + 0.06 * random.normal())}\t${isOver ? decimal(spent) : NULL}` +
          `\t${status === "failed" ? "the specification could not be parsed" : NULL}` +
          `\t${random.chance(0.4) ? set.keys("auth.users").uuid(user.index(random.unit())) : NULL}\t${time(made)}` +
          `\t${status === "pending" ? NULL : time(begun)}\t${isOver ? time(over) : NULL}\t${time(isOver ? over : made)}`
        );
      },
    };
  },
};

export const consistencyChecks: TableData = {
  name: "fv.consistency_checks",
  columns: [
    ...["id", "check_type", "policy_ids", "verification_rule_id", "status", "conflicts", "consistency_score"],
    ...["duration_ms", "error_message", "created_at", "completed_at", "updated_at"],
  ],
  needs: ["fv.verification_rules"],
  rows(set) {
    const keys = set.keys("fv.consistency_checks");
    const random = set.random("fv.consistency_checks");
    const count = set.counts["fv.consistency_checks"];
    const policy = zipf(set.counts["gs.policies"]);
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const type = CHECKS.at(random.unit());
        const status = CONSISTENCY.at(random.unit());
        const policies = Array.from({ length: type === "policy_pair" ? 2 : random.between(2, 8) }, () =>
          set.keys("gs.policies").uuid(policy.index(random.unit())),
        );
        const found =
          status === "inconsistent"
            ? json([{ policies: policies.slice(0, 2), rule: "deny overrides" }])
            : "[]";
        const made = set.office.at((i + random.unit()) / count);
        const spent = Math.min(60_000, random.skewed(400, 1));
        return (
          `${keys.uuid(i)}\t${type}\t{${policies.join(",")}}` +
          `\t${set.keys("fv.verification_rules").uuid(random.below(set.counts["fv.verification_rules"]))}\t${status}` +
          `\t${found}\t${score(status === "inconsistent" ? 0.5 : 0.95)}\t${decimal(spent)}` +
          `\t${status === "failed" ? "the solver ended" : NULL}\t${time(made)}\t${time(Math.floor(made + spent))}` +
          `\t${time(Math.floor(made + spent))}`
        );
      },
    };
  },
};

export const fairnessAssessments: TableData = {
  name: "fv.fairness_assessments",
  columns: [
    ...[
      "id",
      "policy_id",
      "verification_result_id",
      "protected_attribute",
      "fairness_metric",
      "metric_value",
    ],
    ...["metric_threshold", "outcome", "fairness_score", "sample_size", "dataset_sha256", "group_outcomes"],
    ...["recommendations", "assessment_method", "assessed_by", "created_at"],
  ],
  needs: ["fv.verification_results"],
  rows(set) {
    const keys = set.keys("fv.fairness_assessments");
    const random = set.random("fv.fairness_assessments");
    const count = set.counts["fv.fairness_assessments"];
    const results = set.counts["fv.verification_results"];
    const policy = zipf(set.counts["gs.policies"]);
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const share = (i + random.unit()) / count;
        const gap = Math.min(0.9, random.skewed(0.04, 0.8));
        const sample = Math.round(random.skewed(2000, 1));
        const metric = random.pick(METRICS);
        const isRatio = metric === "disparate_impact";
        const outcome = sample < 200 ? "inconclusive" : gap <= (isRatio ? 0.2 : 0.1) ? "fair" : "unfair";
        const rate = 0.5 + 0.2 * random.unit();
        return (
          `${keys.uuid(i)}\t${set.keys("gs.policies").uuid(policy.index(random.unit()))}` +
          `\t${random.chance(0.6) ? set.keys("fv.verification_results").uuid(Math.floor(share * results)) : NULL}` +
          `\t${random.pick(ATTRIBUTES)}\t${metric}\t${decimal(isRatio ? 1 - gap : gap)}\t${isRatio ? 0.8 : 0.1}\t${outcome}` +
          `\t${score(1 - gap)}\t${sample}\t${bytes(keys.hex(i, 256))}` +
          `\t{"a":${decimal(rate)},"b":${decimal(rate - gap / 2)}}` +
          `\t${outcome === "unfair" ? '["widen the sample","review the thresholds"]' : "[]"}\t${METHOD.at(random.unit())}` +
          `\tfairness_engine\t${time(set.office.at(share))}`
        );
      },
    };
  },
};

/** The tables of `fv` that are filled, each after those it references. */
export const FV_TABLES = [
  ...[safetyProperties, verificationRules, verificationResults, consistencyChecks, fairnessAssessments],
];
