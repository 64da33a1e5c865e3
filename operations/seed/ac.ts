import { DAY } from "./clock.ts";
import { json, NULL, score, time, yesNo } from "./copyText.ts";
import type { TableData } from "./dataset.ts";
import { Choice, zipf } from "./distribution.ts";
import { prose } from "./prose.ts";
import { userName } from "./auth.ts";
import {
  CATEGORIES,
  compliance,
  complianceLevel,
  METHOD,
  SERVICES,
  SEVERITY,
  titleCase,
} from "./vocabulary.ts";

const TARGETS = new Choice({ policy: 70, decision: 18, improvement: 7, workflow: 5 });
const CONFLICTS = new Choice({ practical: 45, priority: 30, scope: 15, logical: 10 });
const CONFLICT_STATUS = new Choice({ resolved: 62, open: 14, in_review: 12, dismissed: 9, escalated: 3 });
const RESOLUTIONS = ["precedence", "weighting", "scope_restriction", "amendment", "council_vote"];
const MECHANISMS = ["majority_vote", "supermajority_vote", "weighted_vote", "consensus", "delegated"];
const RULE_TYPES = ["amendment", "conflict_resolution", "delegation", "emergency", "review", "weighting"];

export const principles: TableData = {
  name: "ac.principles",
  columns: [
    ...[
      "id",
      "name",
      "category",
      "description",
      "content",
      "normative_statement",
      "priority_weight",
      "is_active",
    ],
    ...["version", "scope", "keywords", "rationale", "created_by", "created_at", "updated_at"],
  ],
  rows(set) {
    const keys = set.keys("ac.principles");
    const random = set.random("ac.principles");
    const count = set.counts["ac.principles"];
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const category = CATEGORIES[i % CATEGORIES.length]!;
        const made = time(Math.floor(set.start - (1 - i / count) * 500 * DAY));
        return (
          `${keys.uuid(i)}\t${titleCase(category)} ${i + 1} (${set.tag})\t${category}\t${prose(random, 1)}` +
          `\t${prose(random, random.between(3, 8))}\t${prose(random, 1)}\t${score(0.1 + 0.9 * random.unit())}` +
          `\t${yesNo(random.chance(0.93))}\t${random.between(1, 5)}\t${json([random.pick(SERVICES), random.pick(SERVICES)])}` +
          `\t${json([category, random.pick(CATEGORIES)])}\t${prose(random, 2)}` +
          `\t${set.keys("auth.users").uuid(random.below(20))}\t${made}\t${made}`
        );
      },
    };
  },
};

export const metaRules: TableData = {
  name: "ac.meta_rules",
  columns: [
    ...[
      "id",
      "name",
      "rule_type",
      "description",
      "rule_definition",
      "decision_mechanism",
      "approval_threshold",
    ],
    ...["stakeholder_roles", "is_active", "version", "created_at", "updated_at"],
  ],
  rows(set) {
    const keys = set.keys("ac.meta_rules");
    const random = set.random("ac.meta_rules");
    const made = time(set.start - 450 * DAY);
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const type = RULE_TYPES[i % RULE_TYPES.length]!;
        const definition = {
          quorum: random.between(3, 9),
          noticeDays: random.between(1, 30),
          appliesTo: type,
        };
        return (
          `${keys.uuid(i)}\t${titleCase(type)} rule ${i + 1} (${set.tag})\t${type}\t${prose(random, 2)}` +
          `\t${json(definition)}\t${random.pick(MECHANISMS)}\t${score(0.5 + 0.4 * random.unit())}` +
          `\t["council_member","policy_reviewer"]\t${yesNo(random.chance(0.9))}\t${random.between(1, 4)}\t${made}\t${made}`
        );
      },
    };
  },
};

export const council: TableData = {
  name: "ac.constitutional_council",
  columns: [
    ...[
      "id",
      "user_id",
      "member_name",
      "role",
      "voting_weight",
      "expertise",
      "is_active",
      "term_start",
      "term_end",
    ],
    ...["created_at", "updated_at"],
  ],
  rows(set) {
    const keys = set.keys("ac.constitutional_council");
    const random = set.random("ac.constitutional_council");
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const role = i === 0 ? "chair" : i === 1 ? "deputy_chair" : i % 6 === 5 ? "observer" : "member";
        const begin = set.start - random.between(10, 300) * DAY;
        const name = userName(set, i);
        return (
          `${keys.uuid(i)}\t${set.keys("auth.users").uuid(i)}\t${titleCase(name.slice(0, name.lastIndexOf(".")))}` +
          `\t${role}\t${role === "observer" ? "0.00" : "1.00"}\t${json([random.pick(CATEGORIES)])}\tt\t${time(begin)}` +
          `\t${time(begin + 730 * DAY)}\t${time(begin)}\t${time(begin)}`
        );
      },
    };
  },
};

export const conflicts: TableData = {
  name: "ac.principle_conflicts",
  columns: [
    ...[
      "id",
      "principle_a_id",
      "principle_b_id",
      "conflict_type",
      "severity",
      "status",
      "description",
      "context",
    ],
    ...["resolution_strategy", "resolution", "prevailing_principle_id", "resolved_by", "resolved_at"],
    ...["created_at", "updated_at"],
  ],
  needs: ["ac.principles", "ac.constitutional_council"],
  rows(set) {
    const keys = set.keys("ac.principle_conflicts");
    const random = set.random("ac.principle_conflicts");
    const count = set.counts["ac.principle_conflicts"];
    const known = set.counts["ac.principles"];
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const a = random.below(known);
        const b = (a + 1 + random.below(known - 1)) % known;
        const status = CONFLICT_STATUS.at(random.unit());
        const isOver = status === "resolved" || status === "dismissed";
        const made = set.office.at((i + random.unit()) / count);
        const over = Math.min(set.until, Math.floor(made + random.skewed(3 * DAY, 0.8)));
        const principle = set.keys("ac.principles");
        return (
          `${keys.uuid(i)}\t${principle.uuid(a)}\t${principle.uuid(b)}\t${CONFLICTS.at(random.unit())}` +
          `\t${SEVERITY.at(random.unit())}\t${status}\t${prose(random, 2)}\t{"service":"${random.pick(SERVICES)}"}` +
          `\t${isOver ? random.pick(RESOLUTIONS) : NULL}\t{}\t${status === "resolved" ? principle.uuid(a) : NULL}` +
          `\t${isOver ? set.keys("ac.constitutional_council").uuid(random.below(set.counts["ac.constitutional_council"])) : NULL}` +
          `\t${isOver ? time(over) : NULL}\t${time(made)}\t${time(isOver ? over : made)}`
        );
      },
    };
  },
};

export const complianceChecks: TableData = {
  name: "ac.compliance_checks",
  columns: [
    ...["id", "principle_id", "target_type", "target_id", "compliance_score", "compliance_level"],
    ...["assessment_method", "assessed_by", "violations", "evidence", "duration_ms", "created_at"],
  ],
  needs: ["ac.principles"],
  rows(set) {
    const keys = set.keys("ac.compliance_checks");
    const random = set.random("ac.compliance_checks");
    const count = set.counts["ac.compliance_checks"];
    const principle = zipf(set.counts["ac.principles"], 5);
    const policy = zipf(set.counts["gs.policies"]);
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const value = compliance(random);
        const type = TARGETS.at(random.unit());
        const target = type === "policy" ? "gs.policies" : "ac.targets";
        const on = set.keys(target).uuid(type === "policy" ? policy.index(random.unit()) : random.bits());
        const method = METHOD.at(random.unit());
        const violations =
          value < 0.75 ? `[{"rule":"${random.pick(CATEGORIES)}","weight":${random.between(1, 5)}}]` : "[]";
        return (
          `${keys.uuid(i)}\t${set.keys("ac.principles").uuid(principle.index(random.unit()))}\t${type}\t${on}` +
          `\t${score(value)}\t${complianceLevel(value)}\t${method}` +
          `\t${method === "automated" ? "compliance_engine" : userName(set, random.below(20))}\t${violations}` +
          `\t{"checks":${random.between(3, 40)}}\t${Math.round(random.skewed(45, 0.7))}` +
          `\t${time(set.office.at((i + random.unit()) / count))}`
        );
      },
    };
  },
};

/** The tables of `ac` that are filled, each after those it references. */
export const AC_TABLES = [principles, metaRules, council, conflicts, complianceChecks];
