import { DAY } from "./clock.ts";
import { decimal, json, NULL, score, time, yesNo } from "./copyText.ts";
import type { Dataset, TableData } from "./dataset.ts";
import { Choice, zipf } from "./distribution.ts";
import { activePolicy } from "./gs.ts";
import { prose, rego } from "./prose.ts";
import { ACTIONS, compliance, RESOURCE_TRAFFIC, RESOURCES, SERVICES, titleCase } from "./vocabulary.ts";

const BUNDLES = ["governance", "access", "data"];
const MODES = new Choice({ enforce: 85, warn: 10, shadow: 5 });
const RULES = new Choice({ permission: 55, prohibition: 25, obligation: 12, constraint: 8 });
const EFFECTS: Record<string, string> = {
  permission: "allow",
  prohibition: "deny",
  obligation: "log",
  constraint: "require_review",
};
const DECISIONS = new Choice({ allow: 86, deny: 9, require_review: 3, not_applicable: 1.5, error: 0.5 });
const VERBS = new Choice({ read: 62, update: 12, create: 9, verify: 7, approve: 5, export: 3, delete: 2 });
const MEASURES: Record<string, string> = {
  allow: "allow",
  deny: "block",
  require_review: "escalate",
  not_applicable: "notify",
  error: "quarantine",
};
const SEVERITIES: Record<string, string> = {
  allow: "info",
  notify: "info",
  block: "medium",
  escalate: "low",
  quarantine: "high",
};
const WORKFLOWS = ["policy_approval", "amendment", "conflict_resolution", "review", "emergency"];
const ROLES = ["citizen", "policy_author", "auditor", "operator", "council_member", "service_account"];

export const bundles: TableData = {
  name: "pgc.opa_bundles",
  columns: [
    ...["id", "name", "revision", "status", "bundle_hash", "size_bytes", "storage_location", "manifest"],
    ...["policy_count", "built_at", "activated_at", "created_at", "updated_at"],
  ],
  rows(set) {
    const keys = set.keys("pgc.opa_bundles");
    const random = set.random("pgc.opa_bundles");
    const count = set.counts["pgc.opa_bundles"];
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const name = `${BUNDLES[i % BUNDLES.length]}-${set.tag}`;
        const revision = keys.hex(i, 160);
        const built = time(set.office.at(i / count));
        const isNewest = i + BUNDLES.length >= count;
        return (
          `${keys.uuid(i)}\t${name}\t${revision}\t${isNewest ? "active" : "superseded"}\t${keys.hex(i, 256)}` +
          `\t${Math.round(random.skewed(400_000, 0.3))}\thttps://bundles.example.org/${name}/${revision}.tar.gz` +
          `\t{"revision":"${revision}","roots":[""]}\t${set.counts["pgc.active_policies"]}\t${built}\t${built}\t${built}\t${built}`
        );
      },
    };
  },
};

export const activePolicies: TableData = {
  name: "pgc.active_policies",
  columns: [
    ...["id", "policy_id", "name", "version", "status", "priority", "scope", "enforcement_mode", "bundle_id"],
    ...["package_path", "policy_hash", "constitutional_compliance_score", "effective_from", "activated_by"],
    ...["created_at", "updated_at"],
  ],
  needs: ["pgc.opa_bundles"],
  rows(set) {
    const keys = set.keys("pgc.active_policies");
    const random = set.random("pgc.active_policies");
    const newest = set.counts["pgc.opa_bundles"] - BUNDLES.length;
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const { id, name, version, category } = activePolicy(set, i);
        const from = time(set.start - random.between(1, 200) * DAY);
        const scope = random.chance(0.4)
          ? "global"
          : `service:${random.pick(SERVICES).replace("_service", "")}`;
        return (
          `${keys.uuid(i)}\t${id}\t${titleCase(category)} ${i + 1}\t${version}` +
          `\t${random.chance(0.97) ? "active" : "suspended"}\t${random.between(0, 1000)}\t${scope}\t${MODES.at(random.unit())}` +
          `\t${set.keys("pgc.opa_bundles").uuid(newest + (i % BUNDLES.length))}\t${name}\t${keys.hex(i, 256)}` +
          `\t${score(compliance(random))}\t${from}\t${set.keys("auth.users").uuid(random.below(20))}\t${from}\t${from}`
        );
      },
    };
  },
};

export const policyRules: TableData = {
  name: "pgc.policy_rules",
  columns: [
    ...[
      "id",
      "policy_id",
      "name",
      "description",
      "rule_type",
      "effect",
      "resource_type",
      "action",
      "priority",
    ],
    ...["is_active", "condition", "rego", "created_at", "updated_at"],
  ],
  needs: ["pgc.active_policies"],
  rows(set) {
    const keys = set.keys("pgc.policy_rules");
    const random = set.random("pgc.policy_rules");
    const policies = set.counts["pgc.active_policies"];
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const policy = activePolicy(set, i % policies);
        const type = RULES.at(random.unit());
        const resource = random.pick(RESOURCES);
        const action = random.pick(ACTIONS);
        const made = time(set.start - random.between(1, 200) * DAY);
        return (
          `${keys.uuid(i)}\t${policy.id}\t${action}_${resource}_${Math.floor(i / policies) + 1}\t${prose(random, 1)}\t${type}` +
          `\t${EFFECTS[type]}\t${resource}\t${action}\t${random.between(0, 1000)}\t${yesNo(random.chance(0.92))}` +
          `\t{"roles":["${random.pick(ROLES)}"],"max_risk":0.${random.between(1, 9)}}` +
          `\t${random.chance(0.3) ? rego(random, policy.name, 1) : NULL}\t${made}\t${made}`
        );
      },
    };
  },
};

/** What a decision and what was done about it have in common. */
function decisionHeads(set: Dataset) {
  const random = set.random("pgc.policy_decisions.head");
  const count = set.counts["pgc.policy_decisions"];
  const policy = zipf(set.counts["pgc.active_policies"], 5);
  const policies = Array.from({ length: set.counts["pgc.active_policies"] }, (_, i) => activePolicy(set, i));
  const user = zipf(set.counts["auth.users"]);
  return (i: number) => {
    random.at(i);
    const share = (i + random.unit()) / count;
    return {
      share,
      arrived: set.office.at(share),
      policy: policies[policy.index(random.unit())]!,
      decision: DECISIONS.at(random.unit()),
      user: random.chance(0.15) ? NULL : set.keys("auth.users").uuid(user.index(random.unit())),
    };
  };
}

export const policyDecisions: TableData = {
  name: "pgc.policy_decisions",
  columns: [
    ...[
      "id",
      "created_at",
      "decision_time",
      "policy_id",
      "bundle_id",
      "request_id",
      "user_id",
      "evaluation_time_us",
    ],
    ...["decision", "decision_path", "constitutional_compliance_score", "input", "result"],
  ],
  key: { id: "bigint" },
  rows(set) {
    const random = set.random("pgc.policy_decisions");
    const head = decisionHeads(set);
    const bundles = set.keys("pgc.opa_bundles");
    const bundleCount = set.counts["pgc.opa_bundles"];
    const requests = set.keys("pgc.policy_decisions.request");
    return {
      key: (i) => [String(set.number(i))],
      row(i) {
        const { share, arrived, policy, decision, user } = head(i);
        random.at(i);
        const isAllowed = decision === "allow";
        const resource = RESOURCE_TRAFFIC.at(random.unit());
        return (
          // Agents send their logs in batches, so a decision arrives some time after it was made.
          `${set.number(i)}\t${time(arrived)}\t${time(arrived - random.below(3000))}\t${policy.id}` +
          `\t${bundles.uuid(Math.floor(share * bundleCount))}\t${requests.uuid(i)}\t${user}` +
          `\t${Math.round(random.skewed(900, 0.7))}\t${decision}\tacgs/${policy.category}/allow` +
          `\t${random.chance(0.25) ? score(compliance(random)) : NULL}` +
          `\t{"action":"${VERBS.at(random.unit())}","resource":{"type":"${resource}","id":${random.below(100_000)}},` +
          `"subject":{"role":"${random.pick(ROLES)}"},"context":{"mfa":${random.chance(0.4)},"risk":${decimal(random.unit() ** 3)}}}` +
          `\t{"allow":${isAllowed}${isAllowed ? "" : `,"reason":"rule_${random.below(40)}"`}}`
        );
      },
    };
  },
};

export const enforcementLogs: TableData = {
  name: "pgc.enforcement_logs",
  columns: [
    ...[
      "id",
      "created_at",
      "decision_id",
      "decision_created_at",
      "policy_id",
      "rule_id",
      "user_id",
      "latency_us",
    ],
    ...[
      "action_type",
      "outcome",
      "severity",
      "enforced_by",
      "target_type",
      "target_id",
      "error_message",
      "details",
    ],
  ],
  key: { id: "bigint" },
  rows(set) {
    const random = set.random("pgc.enforcement_logs");
    const head = decisionHeads(set);
    const count = set.counts["pgc.enforcement_logs"];
    const decisions = set.counts["pgc.policy_decisions"];
    const rules = set.counts["pgc.policy_rules"];
    return {
      key: (i) => [String(set.number(i))],
      row(i) {
        // One in so many decisions.
        const number = Math.floor((i * decisions) / count);
        const { arrived, policy, decision, user } = head(number);
        random.at(i);
        const measure = MEASURES[decision]!;
        const outcome = random.chance(0.975) ? "succeeded" : random.chance(0.6) ? "failed" : "skipped";
        const target = random.pick(RESOURCES);
        return (
          `${set.number(i)}\t${time(Math.min(set.until - 1, arrived + random.below(2000)))}\t${set.number(number)}\t${time(arrived)}` +
          `\t${policy.id}\t${random.chance(0.7) ? set.keys("pgc.policy_rules").uuid(random.below(rules)) : NULL}\t${user}` +
          `\t${Math.round(random.skewed(1500, 0.8))}\t${measure}\t${outcome}\t${SEVERITIES[measure]}` +
          `\t${random.pick(SERVICES)}\t${target}\t${random.below(100_000)}` +
          `\t${outcome === "succeeded" ? NULL : outcome === "failed" ? "the service did not answer" : "shadow mode"}` +
          `\t{"attempts":${random.between(1, 3)}}`
        );
      },
    };
  },
};

export const workflows: TableData = {
  name: "pgc.governance_workflows",
  columns: [
    ...[
      "id",
      "name",
      "workflow_type",
      "status",
      "description",
      "trigger_event",
      "steps",
      "required_approvals",
    ],
    ...["approval_threshold", "timeout_hours", "created_by", "activated_at", "created_at", "updated_at"],
  ],
  rows(set) {
    const keys = set.keys("pgc.governance_workflows");
    const random = set.random("pgc.governance_workflows");
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const type = WORKFLOWS[i % WORKFLOWS.length]!;
        const made = time(set.start - random.between(10, 300) * DAY);
        const steps = ["draft", "verify", "review", "vote", "activate"].slice(0, random.between(3, 5));
        return (
          `${keys.uuid(i)}\t${titleCase(type)} ${i + 1} (${set.tag})\t${type}\tactive\t${prose(random, 1)}` +
          `\t${random.pick(["policy.proposed", "principle.changed", "conflict.found", "review.due"])}` +
          `\t${json(steps.map((step, n) => ({ step, order: n + 1 })))}\t${random.between(1, 5)}` +
          `\t${score(0.51 + 0.3 * random.unit())}\t${random.between(12, 168)}\t${set.keys("auth.users").uuid(random.below(20))}` +
          `\t${made}\t${made}\t${made}`
        );
      },
    };
  },
};

/** The tables of `pgc` that are filled, each after those it references. */
export const PGC_TABLES = [bundles, activePolicies, policyRules, policyDecisions, enforcementLogs, workflows];
