import { DAY, HOUR } from "./clock.ts";
import { bytes, decimal, NULL, score, time } from "./copyText.ts";
import type { Dataset, TableData } from "./dataset.ts";
import { Choice, zipf } from "./distribution.ts";
import { prose, rego } from "./prose.ts";
import { CATEGORIES, compliance, MODEL_USE, MODELS, RISK, titleCase } from "./vocabulary.ts";

const STATUS = new Choice({ succeeded: 91, failed: 6, cancelled: 3 });
const STRATEGY: Record<string, string> = {
  low: "standard",
  medium: "enhanced_validation",
  high: "multi_model_consensus",
  critical: "human_review",
};
const CONSENSUS = new Choice({ reached: 80, not_reached: 12, escalated: 6, failed: 2 });
const WINA = new Choice({ accepted: 74, rejected: 17, rolled_back: 6, failed: 3 });
const CALLS = new Choice({ succeeded: 95, failed: 2, timed_out: 1, rate_limited: 1, filtered: 1 });
const PURPOSES = new Choice({ synthesis: 55, validation: 22, explanation: 13, consensus: 10 });
const NOT_IN_FORCE = new Choice({ retired: 70, rejected: 15, draft: 7, in_review: 5, approved: 3 });
/** Versions of a policy, about. */
const VERSIONS = 3;
/** Of so many names the newest version is in force. */
const IN_FORCE = 0.6;

const policyNames = (set: Dataset) => Math.ceil(set.counts["gs.policies"] / VERSIONS);

/** The nth row is version `n / names` of name `n % names`, so each version comes after the one before. */
function policyPlace(set: Dataset, i: number) {
  const names = policyNames(set);
  const number = i % names;
  const category = CATEGORIES[number % CATEGORIES.length]!;
  return {
    name: `acgs.${set.tag}.${category}.p${number}`,
    version: Math.floor(i / names) + 1,
    category,
    isNewest: i + names >= set.counts["gs.policies"],
    isInForce: number < IN_FORCE * names,
  };
}

/** The nth policy that is in force, as other services know it. */
export function activePolicy(set: Dataset, n: number) {
  const names = policyNames(set);
  const newest = n + names * Math.floor((set.counts["gs.policies"] - 1 - n) / names);
  return { id: set.keys("gs.policies").uuid(newest), ...policyPlace(set, newest) };
}

export const templates: TableData = {
  name: "gs.policy_templates",
  columns: [
    ...["id", "name", "version", "category", "status", "description", "template_body", "prompt_template"],
    ...["parameters", "created_by", "created_at", "updated_at"],
  ],
  rows(set) {
    const keys = set.keys("gs.policy_templates");
    const random = set.random("gs.policy_templates");
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const category = CATEGORIES[i % CATEGORIES.length]!;
        const made = time(Math.floor(set.start - random.unit() * 350 * DAY));
        return (
          `${keys.uuid(i)}\t${titleCase(category)} template ${i + 1} (${set.tag})\t1\t${category}\tactive\t${prose(random, 1)}` +
          `\t${rego(random, `acgs.templates.${category}`, 4)}\t${prose(random, 4)} Subject: {{subject}}.` +
          `\t{"type":"object","required":["subject"]}\t${set.keys("auth.users").uuid(random.below(20))}\t${made}\t${made}`
        );
      },
    };
  },
};

export const syntheses: TableData = {
  name: "gs.synthesis_history",
  columns: [
    ...["id", "user_id", "template_id", "status", "strategy", "risk_level", "request", "request_parameters"],
    ...[
      "principle_ids",
      "generated_policy",
      "explanation",
      "constitutional_compliance_score",
      "confidence_score",
    ],
    ...["validation_results", "duration_ms", "error_message", "created_at", "completed_at", "updated_at"],
  ],
  needs: ["gs.policy_templates"],
  rows(set) {
    const keys = set.keys("gs.synthesis_history");
    const random = set.random("gs.synthesis_history");
    const count = set.counts["gs.synthesis_history"];
    const user = zipf(set.counts["auth.users"]);
    const template = zipf(set.counts["gs.policy_templates"], 5);
    const principle = () => set.keys("ac.principles").uuid(random.below(set.counts["ac.principles"]));
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const status = STATUS.at(random.unit());
        const risk = RISK.at(random.unit());
        const category = random.pick(CATEGORIES);
        const made = set.office.at((i + random.unit()) / count);
        const spent = Math.min(30_000, random.skewed(900, 0.6));
        const over = time(Math.floor(made + spent));
        const isDone = status === "succeeded";
        const policy = isDone ? rego(random, `acgs.${category}.g${i}`, random.between(2, 9)) : NULL;
        const value = compliance(random);
        return (
          `${keys.uuid(i)}\t${random.chance(0.7) ? set.keys("auth.users").uuid(user.index(random.unit())) : NULL}` +
          `\t${set.keys("gs.policy_templates").uuid(template.index(random.unit()))}\t${status}\t${STRATEGY[risk]}\t${risk}` +
          `\tA policy on ${category.replace("_", " ")}: ${prose(random, random.between(1, 4))}\t{"subject":"${category}"}` +
          `\t{${principle()},${principle()}}\t${policy}\t${isDone ? prose(random, random.between(2, 6)) : NULL}` +
          `\t${isDone ? score(value) : NULL}\t${isDone ? score(0.88 + 0.06 * random.normal()) : NULL}` +
          `\t{"syntax":"passed","semantics":"${value < 0.75 ? "failed" : "passed"}","tests":${random.between(4, 40)}}` +
          `\t${decimal(spent)}\t${status === "failed" ? "no candidate passed validation" : NULL}\t${time(made)}\t${over}\t${over}`
        );
      },
    };
  },
};

export const policies: TableData = {
  name: "gs.policies",
  columns: [
    ...["id", "name", "version", "title", "category", "status", "risk_level", "content", "content_sha256"],
    ...["change_note", "template_id", "synthesis_id", "principle_ids", "constitutional_compliance_score"],
    ...["created_by", "created_at", "approved_by", "approved_at", "activated_at", "ended_at", "updated_at"],
  ],
  needs: ["gs.policy_templates", "gs.synthesis_history"],
  rows(set) {
    const keys = set.keys("gs.policies");
    const random = set.random("gs.policies");
    const count = set.counts["gs.policies"];
    const syntheses = set.counts["gs.synthesis_history"];
    const user = () => set.keys("auth.users").uuid(random.below(Math.min(200, set.counts["auth.users"])));
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const share = (i + random.unit()) / count;
        const { name, version, category, isNewest, isInForce } = policyPlace(set, i);
        const fate = NOT_IN_FORCE.at(random.unit());
        const status = isNewest
          ? isInForce
            ? "active"
            : fate
          : fate === "rejected"
            ? "rejected"
            : "superseded";
        const isApproved = ["approved", "active", "superseded", "retired"].includes(status);
        const wasActive = ["active", "superseded", "retired"].includes(status);
        const hasEnded = ["superseded", "retired", "rejected"].includes(status);
        const made = set.office.at(share);
        const step = (n: number) => time(Math.min(set.until, made + n * 5 * HOUR));
        return (
          `${keys.uuid(i)}\t${name}\t${version}\t${titleCase(category)} ${version}\t${category}\t${status}` +
          // The server computes the hash of the content; the column must have one all the same.
          `\t${RISK.at(random.unit())}\t${rego(random, name, random.between(3, 8))}\t${bytes("00".repeat(32))}` +
          `\t${prose(random, 1)}\t${set.keys("gs.policy_templates").uuid(random.below(set.counts["gs.policy_templates"]))}` +
          `\t${random.chance(0.7) ? set.keys("gs.synthesis_history").uuid(Math.floor(share * syntheses)) : NULL}` +
          `\t{${set.keys("ac.principles").uuid(random.below(set.counts["ac.principles"]))}}\t${score(compliance(random))}` +
          `\t${user()}\t${time(made)}\t${isApproved ? user() : NULL}\t${isApproved ? step(1) : NULL}` +
          `\t${wasActive ? step(2) : NULL}\t${hasEnded ? step(9) : NULL}\t${time(made)}`
        );
      },
    };
  },
};

export const consensus: TableData = {
  name: "gs.multi_model_consensus",
  columns: [
    ...["id", "synthesis_id", "status", "models", "votes", "agreement_score", "selected_model"],
    ...["selected_output_sha256", "dissent", "duration_ms", "created_at", "completed_at", "updated_at"],
  ],
  needs: ["gs.synthesis_history"],
  rows(set) {
    const keys = set.keys("gs.multi_model_consensus");
    const random = set.random("gs.multi_model_consensus");
    const count = set.counts["gs.multi_model_consensus"];
    const syntheses = set.counts["gs.synthesis_history"];
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const share = (i + random.unit()) / count;
        const status = CONSENSUS.at(random.unit());
        const models = MODELS.slice(0, random.between(3, MODELS.length));
        const agreement = status === "reached" ? 0.8 + 0.2 * random.unit() : 0.3 + 0.45 * random.unit();
        const votes = models.map(
          (model) => `{"model":"${model}","confidence":${score(0.6 + 0.4 * random.unit())}}`,
        );
        const made = set.office.at(share);
        const spent = random.skewed(1400, 0.5);
        const over = time(Math.floor(made + spent));
        const isReached = status === "reached";
        return (
          `${keys.uuid(i)}\t${set.keys("gs.synthesis_history").uuid(Math.floor(share * syntheses))}\t${status}` +
          `\t{${models.join(",")}}\t[${votes.join(",")}]\t${score(agreement)}\t${isReached ? models[0] : NULL}` +
          `\t${isReached ? bytes(keys.hex(i, 256)) : NULL}\t${isReached ? NULL : prose(random, 1)}\t${decimal(spent)}` +
          `\t${time(made)}\t${over}\t${over}`
        );
      },
    };
  },
};

export const winaOptimizations: TableData = {
  name: "gs.wina_optimizations",
  columns: [
    ...[
      "id",
      "synthesis_id",
      "model",
      "status",
      "sparsity",
      "configuration",
      "gflops_before",
      "gflops_after",
    ],
    ...["gflops_reduction", "accuracy_retention", "latency_before_ms", "latency_after_ms"],
    ...[
      "constitutional_compliance_score",
      "layer_results",
      "error_message",
      "created_at",
      "completed_at",
      "updated_at",
    ],
  ],
  needs: ["gs.synthesis_history"],
  rows(set) {
    const keys = set.keys("gs.wina_optimizations");
    const random = set.random("gs.wina_optimizations");
    const count = set.counts["gs.wina_optimizations"];
    const syntheses = set.counts["gs.synthesis_history"];
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const share = (i + random.unit()) / count;
        const status = WINA.at(random.unit());
        const sparsity = 0.3 + 0.4 * random.unit();
        const before = random.skewed(900, 0.5);
        const slow = random.skewed(800, 0.4);
        const kept = status === "accepted" ? 0.95 + 0.05 * random.unit() : 0.8 + 0.14 * random.unit();
        const layers = Array.from(
          { length: 6 },
          (_, n) => `{"layer":${n},"sparsity":${score(sparsity * (0.8 + 0.4 * random.unit()))}}`,
        );
        const made = set.office.at(share);
        const over = time(Math.floor(made + random.skewed(4000, 0.5)));
        return (
          `${keys.uuid(i)}\t${random.chance(0.8) ? set.keys("gs.synthesis_history").uuid(Math.floor(share * syntheses)) : NULL}` +
          `\t${MODEL_USE.at(random.unit())}\t${status}\t${score(sparsity)}\t{"gating":"column_norm"}\t${decimal(before)}` +
          `\t${decimal(before * (1 - sparsity))}\t${score(sparsity)}\t${score(kept)}\t${decimal(slow)}` +
          `\t${decimal(slow * (1 - sparsity / 2))}\t${score(compliance(random))}\t[${layers.join(",")}]` +
          `\t${status === "failed" ? "out of memory" : NULL}\t${time(made)}\t${over}\t${over}`
        );
      },
    };
  },
};

export const llmInteractions: TableData = {
  name: "gs.llm_interactions",
  columns: [
    ...[
      "id",
      "created_at",
      "synthesis_id",
      "consensus_id",
      "user_id",
      "request_id",
      "provider",
      "model",
      "purpose",
    ],
    ...[
      "status",
      "prompt",
      "prompt_sha256",
      "response",
      "response_sha256",
      "prompt_tokens",
      "completion_tokens",
    ],
    ...["cost_usd", "latency_ms", "parameters", "error_message"],
  ],
  key: { id: "bigint" },
  needs: ["gs.synthesis_history", "gs.multi_model_consensus"],
  rows(set) {
    const hashes = set.keys("gs.llm_interactions.hash");
    const random = set.random("gs.llm_interactions");
    const count = set.counts["gs.llm_interactions"];
    const syntheses = set.counts["gs.synthesis_history"];
    const agreements = set.counts["gs.multi_model_consensus"];
    const user = zipf(set.counts["auth.users"]);
    return {
      key: (i) => [String(set.number(i))],
      row(i) {
        random.at(i);
        const share = (i + random.unit()) / count;
        const purpose = PURPOSES.at(random.unit());
        const status = CALLS.at(random.unit());
        const model = MODEL_USE.at(random.unit());
        const isAnswered = status === "succeeded";
        // Many keep the hashes alone.
        const isKept = random.chance(0.4);
        const asked = Math.round(random.skewed(900, 0.6));
        const answered = isAnswered ? Math.round(random.skewed(500, 0.7)) : 0;
        const dollars = Math.round(asked * 3 + answered * 12) / 1e6;
        return (
          `${set.number(i)}\t${time(set.office.at(share))}\t${set.keys("gs.synthesis_history").uuid(Math.floor(share * syntheses))}` +
          `\t${purpose === "consensus" ? set.keys("gs.multi_model_consensus").uuid(Math.floor(share * agreements)) : NULL}` +
          `\t${random.chance(0.6) ? set.keys("auth.users").uuid(user.index(random.unit())) : NULL}` +
          `\treq-${hashes.hex(~i, 64)}\t${model.slice(0, model.indexOf("-"))}\t${model}\t${purpose}\t${status}` +
          // The server computes the hashes of texts that are kept.
          `\t${isKept ? prose(random, random.between(4, 10)) : NULL}\t${bytes(hashes.hex(i, 256))}` +
          `\t${isKept && isAnswered ? prose(random, random.between(3, 12)) : NULL}` +
          `\t${isAnswered ? bytes(hashes.hex(i ^ 0x40000000, 256)) : NULL}\t${asked}\t${isAnswered ? answered : NULL}` +
          `\t${dollars}\t${decimal(random.skewed(700, 0.6))}\t{"temperature":0.${random.below(9)}}` +
          `\t${isAnswered ? NULL : status.replace("_", " ")}`
        );
      },
    };
  },
};

/** The tables of `gs` that are filled, each after those it references. */
export const GS_TABLES = [templates, syntheses, policies, consensus, winaOptimizations, llmInteractions];
