import { DAY, HOUR } from "./clock.ts";
import { decimal, json, NULL, score, time } from "./copyText.ts";
import type { TableData } from "./dataset.ts";
import { Choice } from "./distribution.ts";
import { prose } from "./prose.ts";
import { CATEGORIES, compliance, complianceLevel, METHOD, SERVICE_TRAFFIC, SERVICES } from "./vocabulary.ts";

const STATUS = new Choice({ completed: 68, failed: 14, rolled_back: 9, running: 4, pending: 5 });
const WORKSPACE_STATUS = new Choice({
  completed: 55,
  archived: 18,
  failed: 12,
  testing: 6,
  active: 6,
  pending: 3,
});
const ALGORITHMS = ["epsilon_greedy", "ucb1", "thompson_sampling"];
const METRICS = new Choice({
  latency: 40,
  throughput: 22,
  error_rate: 14,
  cpu: 10,
  memory: 8,
  cache_hit_ratio: 6,
});
const METRIC: Record<string, { unit: string; median: number; spread: number; names: string[] }> = {
  latency: {
    unit: "ms",
    median: 9,
    spread: 0.7,
    names: ["policy_decision_latency", "query_latency", "token_check_latency"],
  },
  throughput: {
    unit: "1/s",
    median: 900,
    spread: 0.4,
    names: ["decisions_per_second", "requests_per_second"],
  },
  error_rate: { unit: "%", median: 0.2, spread: 1, names: ["request_error_rate", "decision_error_rate"] },
  cpu: { unit: "%", median: 35, spread: 0.4, names: ["cpu_usage"] },
  memory: { unit: "MB", median: 700, spread: 0.3, names: ["resident_memory"] },
  cache_hit_ratio: { unit: "1", median: 0.9, spread: 0.05, names: ["decision_cache_hit_ratio"] },
};
const SETTINGS = ["limit", "threshold", "interval_seconds", "batch_size", "retries"];

export const banditStates: TableData = {
  name: "dgm.bandit_states",
  columns: [
    ...["id", "context_key", "arm_id", "algorithm_type", "pulls", "total_reward", "average_reward"],
    ...["exploration_rate", "parameters", "constitutional_compliance_score", "created_at", "last_updated"],
  ],
  rows(set) {
    const keys = set.keys("dgm.bandit_states");
    const random = set.random("dgm.bandit_states");
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const context = Math.floor(i / 12);
        const pulls = Math.round(random.skewed(300, 1));
        const reward = Math.round(pulls * (0.4 + 0.5 * random.unit()));
        return (
          `${keys.uuid(i)}\t${SERVICES[context % SERVICES.length]}.${set.tag}-${context}\tarm_${Math.floor(i / 3) % 4}` +
          `\t${ALGORITHMS[i % 3]}\t${pulls}\t${reward}\t${decimal(pulls === 0 ? 0 : reward / pulls)}` +
          `\t${score(0.05 + 0.1 * random.unit())}\t{"alpha":${1 + reward}}\t${score(compliance(random))}` +
          `\t${time(set.start - 60 * DAY)}\t${time(set.until - random.below(5 * DAY))}`
        );
      },
    };
  },
};

/** Sensitive settings are not among them. Row-level security forbids COPY here, so these are inserted. */
export const configurations: TableData = {
  name: "dgm.system_configurations",
  columns: [
    "id",
    "config_key",
    "category",
    "value_type",
    "config_value",
    "description",
    "created_at",
    "updated_at",
  ],
  hasRowSecurity: true,
  rows(set) {
    const keys = set.keys("dgm.system_configurations");
    const random = set.random("dgm.system_configurations");
    const made = time(set.start - 100 * DAY);
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const service = SERVICES[i % SERVICES.length]!;
        const setting = SETTINGS[Math.floor(i / SERVICES.length) % SETTINGS.length]!;
        return (
          `${keys.uuid(i)}\t${set.tag}.${service}.${setting}\t${random.pick(["monitoring", "limits", "exploration"])}` +
          `\tinteger\t${random.between(1, 1000)}\tThe ${setting.replace("_", " ")} of ${service}.\t${made}\t${made}`
        );
      },
    };
  },
};

export const archive: TableData = {
  name: "dgm.dgm_archive",
  columns: [
    ...[
      "improvement_id",
      "created_at",
      "status",
      "timestamp",
      "updated_at",
      "description",
      "performance_before",
    ],
    ...["performance_after", "constitutional_compliance_score", "rollback_data", "metadata", "tags"],
  ],
  key: { improvement_id: "uuid" },
  rows(set) {
    const keys = set.keys("dgm.improvements");
    const random = set.random("dgm.dgm_archive");
    const count = set.counts["dgm.dgm_archive"];
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const share = (i + random.unit()) / count;
        const drawn = STATUS.at(random.unit());
        const isOpen = (drawn === "pending" || drawn === "running") && share > 0.9;
        const status = !isOpen && (drawn === "pending" || drawn === "running") ? "completed" : drawn;
        const made = set.office.at(share);
        const reached = time(
          isOpen ? made : Math.min(set.until, Math.floor(made + random.skewed(6 * HOUR, 0.8))),
        );
        const latency = random.skewed(12, 0.6);
        return (
          `${keys.uuid(i)}\t${time(made)}\t${status}\t${reached}\t${reached}\t${prose(random, 1)}` +
          `\t{"latency_ms":${decimal(latency)},"throughput":${random.between(300, 2000)}}` +
          `\t${isOpen ? NULL : `{"latency_ms":${decimal(latency * (0.7 + 0.4 * random.unit()))}}`}` +
          `\t${isOpen ? NULL : score(compliance(random))}` +
          `\t${json({ configuration: { batch: random.between(1, 512), timeoutMs: random.between(5, 500) } })}` +
          `\t{"strategy":"${random.pick(["parameter", "prompt", "index", "cache"])}","iteration":${random.below(50)}}` +
          `\t["${random.pick(SERVICES)}","${random.pick(CATEGORIES)}"]`
        );
      },
    };
  },
};

export const performanceMetrics: TableData = {
  name: "dgm.performance_metrics",
  columns: [
    ...["id", "timestamp", "service_name", "metric_type", "metric_name", "metric_value", "unit"],
    ...["improvement_id", "bandit_state_id", "constitutional_compliance_score", "tags"],
  ],
  key: { id: "bigint" },
  needs: ["dgm.dgm_archive", "dgm.bandit_states"],
  rows(set) {
    const random = set.random("dgm.performance_metrics");
    const count = set.counts["dgm.performance_metrics"];
    const improvements = set.counts["dgm.dgm_archive"];
    const states = set.counts["dgm.bandit_states"];
    return {
      key: (i) => [String(set.number(i))],
      row(i) {
        random.at(i);
        const share = (i + random.unit()) / count;
        const type = METRICS.at(random.unit());
        const { unit, median, spread, names } = METRIC[type]!;
        const value = Math.min(type === "cache_hit_ratio" ? 1 : Infinity, random.skewed(median, spread));
        const isOfImprovement = random.chance(0.05);
        return (
          `${set.number(i)}\t${time(set.steady.at(share))}\t${SERVICE_TRAFFIC.at(random.unit())}\t${type}\t${random.pick(names)}` +
          `\t${decimal(value)}\t${unit}` +
          `\t${isOfImprovement ? set.keys("dgm.improvements").uuid(Math.floor(share * improvements)) : NULL}` +
          `\t${isOfImprovement && random.chance(0.5) ? set.keys("dgm.bandit_states").uuid(random.below(states)) : NULL}` +
          `\t${isOfImprovement ? score(compliance(random)) : NULL}\t{"host":"h${random.below(24)}","zone":"${random.pick(["a", "b", "c"])}"}`
        );
      },
    };
  },
};

export const complianceLogs: TableData = {
  name: "dgm.constitutional_compliance_logs",
  columns: [
    ...[
      "id",
      "timestamp",
      "assessed_at",
      "service_name",
      "improvement_id",
      "compliance_level",
      "compliance_score",
    ],
    ...["assessment_method", "assessed_by", "violations", "evidence", "remediation_recommendations"],
    ...["review_status", "reviewed_by", "reviewed_at"],
  ],
  needs: ["dgm.dgm_archive"],
  rows(set) {
    const keys = set.keys("dgm.constitutional_compliance_logs");
    const random = set.random("dgm.constitutional_compliance_logs");
    const count = set.counts["dgm.constitutional_compliance_logs"];
    const improvements = set.counts["dgm.dgm_archive"];
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const share = (i + random.unit()) / count;
        const logged = set.office.at(share);
        const value = compliance(random);
        const isBad = value < 0.75;
        const review = !isBad ? "not_required" : random.pick(["approved", "rejected", "pending"]);
        const isReviewed = review === "approved" || review === "rejected";
        return (
          `${keys.uuid(i)}\t${time(logged)}\t${time(logged - random.below(5000))}\t${SERVICE_TRAFFIC.at(random.unit())}` +
          `\t${random.chance(0.4) ? set.keys("dgm.improvements").uuid(Math.floor(share * improvements)) : NULL}` +
          `\t${complianceLevel(value)}\t${score(value)}\t${METHOD.at(random.unit())}\tcompliance_engine` +
          `\t${isBad ? `["${random.pick(CATEGORIES)}","${random.pick(CATEGORIES)}"]` : "[]"}` +
          `\t{"samples":${random.between(10, 5000)}}\t${isBad ? '["review the change","raise the threshold"]' : "[]"}` +
          `\t${review}\t${isReviewed ? "council" : NULL}\t${isReviewed ? time(Math.min(set.until, logged + 2 * HOUR)) : NULL}`
        );
      },
    };
  },
};

export const workspaces: TableData = {
  name: "dgm.improvement_workspaces",
  columns: [
    ...[
      "id",
      "improvement_id",
      "status",
      "source_code",
      "configuration",
      "test_results",
      "validation_results",
    ],
    ...[
      "environment_snapshot",
      "rollback_plan",
      "risk_assessment",
      "safety_checks",
      "constitutional_compliance_score",
    ],
    ...["created_at", "updated_at", "completed_at"],
  ],
  needs: ["dgm.dgm_archive"],
  rows(set) {
    const keys = set.keys("dgm.improvement_workspaces");
    const random = set.random("dgm.improvement_workspaces");
    const count = set.counts["dgm.improvement_workspaces"];
    const improvements = set.counts["dgm.dgm_archive"];
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const status = WORKSPACE_STATUS.at(random.unit());
        const isOver = ["completed", "archived", "failed"].includes(status);
        const made = set.office.at((i + random.unit()) / count);
        const over = time(Math.min(set.until, Math.floor(made + random.skewed(5 * HOUR, 0.7))));
        const passed = random.between(20, 400);
        return (
          `${keys.uuid(i)}\t${set.keys("dgm.improvements").uuid(Math.floor((i * improvements) / count))}\t${status}` +
          `\t${json({ files: { "policy.rego": prose(random, 6) } })}\t{"batch":${random.between(1, 512)}}` +
          `\t{"passed":${passed},"failed":${status === "failed" ? random.between(1, 9) : 0}}\t{"verified":${status !== "failed"}}` +
          `\t{"commit":"${keys.hex(i, 160)}","replicas":${random.between(1, 5)}}\t{"steps":["stop","restore","start"]}` +
          `\t{"risk":"${random.pick(["low", "medium", "high"])}"}\t[{"check":"invariants","passed":${status !== "failed"}}]` +
          `\t${score(compliance(random))}\t${time(made)}\t${isOver ? over : time(made)}\t${isOver ? over : NULL}`
        );
      },
    };
  },
};

/** The tables of `dgm` that are filled, each after those it references. */
export const DGM_TABLES = [
  ...[banditStates, configurations, archive, performanceMetrics, complianceLogs, workspaces],
];
