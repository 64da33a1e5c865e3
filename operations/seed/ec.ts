import { DAY } from "./clock.ts";
import { decimal, json, NULL, score, time } from "./copyText.ts";
import type { Dataset, TableData } from "./dataset.ts";
import { Choice } from "./distribution.ts";
import { compliance, MODELS, SERVICES } from "./vocabulary.ts";

/** Every fourth run is a genetic one, so that runs with populations are known by their number. */
const GENETIC_EVERY = 4;
const OTHERS = [
  ...["evolution_strategy", "differential_evolution", "particle_swarm", "simulated_annealing"],
  ...["bayesian", "bandit", "wina"],
];
const STATUS = new Choice({ completed: 90, failed: 5, cancelled: 5 });
const OBJECTIVES = [
  "policy_latency_ms",
  "compliance_score",
  "cache_hit_ratio",
  "cost_per_decision",
  "fairness_gap",
];
const STOPPED = ["converged", "target_reached", "budget_spent", "timed_out"];
const CONTEXTS = ["policy_synthesis", "decision_caching", "index_choice", "model_routing", "batch_size"];
const ALGORITHMS = ["epsilon_greedy", "ucb1", "thompson_sampling"];
const METRIC_UNITS = {
  best_fitness: null,
  mean_fitness: null,
  diversity: null,
  evaluation_time: "ms",
  reward: null,
};
const METRICS = Object.keys(METRIC_UNITS) as (keyof typeof METRIC_UNITS)[];

const geneticRuns = (set: Dataset) => Math.floor(set.counts["ec.optimization_history"] / GENETIC_EVERY);
const runStart = (set: Dataset, i: number) =>
  set.office.at((i + 0.5) / set.counts["ec.optimization_history"]);

export const optimizations: TableData = {
  name: "ec.optimization_history",
  columns: [
    ...[
      "id",
      "algorithm_type",
      "objective",
      "direction",
      "status",
      "target_service",
      "policy_id",
      "parameters",
    ],
    ...["search_space", "random_seed", "initial_objective", "best_objective", "best_solution", "iterations"],
    ...["evaluations", "stop_reason", "constitutional_compliance_score", "duration_ms", "error_message"],
    ...["created_at", "started_at", "completed_at", "updated_at"],
  ],
  rows(set) {
    const keys = set.keys("ec.optimization_history");
    const random = set.random("ec.optimization_history");
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const algorithm = i % GENETIC_EVERY === 0 ? "genetic" : random.pick(OTHERS);
        const status = STATUS.at(random.unit());
        const before = 20 + 80 * random.unit();
        const iterations = random.between(10, 500);
        const made = runStart(set, i);
        const spent = Math.min(10_000, random.skewed(2500, 0.7));
        const space = { threshold: [0, 1], batch: [1, 512], timeoutMs: [5, 500] };
        const solution = { threshold: random.below(100) / 100, batch: random.between(1, 512) };
        const policy = random.chance(0.5)
          ? set.keys("gs.policies").uuid(random.below(set.counts["gs.policies"]))
          : NULL;
        return (
          `${keys.uuid(i)}\t${algorithm}\t${random.pick(OBJECTIVES)}\tminimize\t${status}\t${random.pick(SERVICES)}\t${policy}` +
          `\t{"population":64,"generations":${iterations}}\t${json(space)}\t${random.bits()}\t${decimal(before)}` +
          `\t${decimal(before * (0.6 + 0.3 * random.unit()))}\t${json(solution)}\t${iterations}\t${iterations * 64}` +
          `\t${status === "cancelled" ? "stopped" : random.pick(STOPPED)}\t${score(compliance(random))}\t${decimal(spent)}` +
          `\t${status === "failed" ? "an evaluation failed" : NULL}\t${time(made)}\t${time(made)}` +
          `\t${time(Math.floor(made + spent))}\t${time(Math.floor(made + spent))}`
        );
      },
    };
  },
};

export const populations: TableData = {
  name: "ec.genetic_populations",
  columns: [
    ...["id", "optimization_id", "generation", "status", "population_size", "individuals", "best_fitness"],
    ...["mean_fitness", "worst_fitness", "diversity", "mutation_rate", "crossover_rate", "elite_count"],
    ...["selection_method", "constitutional_compliance_score", "created_at", "updated_at"],
  ],
  needs: ["ec.optimization_history"],
  rows(set) {
    const keys = set.keys("ec.genetic_populations");
    const random = set.random("ec.genetic_populations");
    const runs = geneticRuns(set);
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const run = (i % runs) * GENETIC_EVERY;
        const generation = Math.floor(i / runs);
        const best = 0.9 - 0.5 / (1 + generation) + 0.02 * random.unit();
        const individuals = Array.from(
          { length: 16 },
          () =>
            `{"genome":[${random.below(100)},${random.below(100)},${random.below(100)}],"fitness":${decimal(best * random.unit())}}`,
        );
        const made = time(runStart(set, run) + generation * 100);
        return (
          `${keys.uuid(i)}\t${set.keys("ec.optimization_history").uuid(run)}\t${generation}\tselected\t64` +
          `\t[${individuals.join(",")}]\t${decimal(best)}\t${decimal(best * 0.7)}\t${decimal(best * 0.2)}` +
          `\t${score(0.9 / (1 + generation / 4))}\t0.10\t0.70\t4\t${random.pick(["tournament", "roulette", "rank", "nsga2"])}` +
          `\t${score(compliance(random))}\t${made}\t${made}`
        );
      },
    };
  },
};

export const winaStates: TableData = {
  name: "ec.wina_states",
  columns: [
    ...[
      "id",
      "context_key",
      "model",
      "layer_name",
      "status",
      "sparsity",
      "gating_threshold",
      "gflops_reduction",
    ],
    ...[
      "accuracy_retention",
      "observations",
      "state",
      "constitutional_compliance_score",
      "created_at",
      "updated_at",
    ],
  ],
  rows(set) {
    const keys = set.keys("ec.wina_states");
    const random = set.random("ec.wina_states");
    const layers = 8;
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const context = Math.floor(i / (layers * MODELS.length));
        const sparsity = 0.3 + 0.4 * random.unit();
        const updated = set.until - random.below(20 * DAY);
        return (
          `${keys.uuid(i)}\t${CONTEXTS[context % CONTEXTS.length]}.${set.tag}-${context}` +
          `\t${MODELS[Math.floor(i / layers) % MODELS.length]}\tlayer_${i % layers}` +
          `\t${random.pick(["learning", "active", "active", "frozen", "disabled"])}\t${score(sparsity)}` +
          `\t${decimal(random.unit())}\t${score(sparsity * 0.9)}\t${score(0.93 + 0.07 * random.unit())}\t${random.below(100_000)}` +
          `\t{"column_norms":[${decimal(random.unit())},${decimal(random.unit())}]}\t${score(compliance(random))}` +
          `\t${time(set.start - 30 * DAY)}\t${time(updated)}`
        );
      },
    };
  },
};

export const banditArms: TableData = {
  name: "ec.bandit_arms",
  columns: [
    ...["id", "context_key", "arm_id", "algorithm_type", "status", "pulls", "successes", "total_reward"],
    ...[
      "reward_variance",
      "alpha",
      "beta",
      "constitutional_compliance_score",
      "last_pulled_at",
      "created_at",
      "updated_at",
    ],
  ],
  rows(set) {
    const keys = set.keys("ec.bandit_arms");
    const random = set.random("ec.bandit_arms");
    return {
      key: (i) => [keys.uuid(i)],
      row(i) {
        random.at(i);
        const context = Math.floor(i / 12);
        const pulls = Math.round(random.skewed(800, 1));
        const successes = Math.floor(pulls * (0.5 + 0.4 * random.unit()));
        const pulled = time(set.until - random.below(5 * DAY));
        return (
          `${keys.uuid(i)}\t${CONTEXTS[context % CONTEXTS.length]}.${set.tag}-${context}\tarm_${Math.floor(i / 3) % 4}` +
          `\t${ALGORITHMS[i % 3]}\t${random.chance(0.9) ? "active" : "paused"}\t${pulls}\t${successes}\t${successes}` +
          `\t${decimal(0.25 * random.unit())}\t${1 + successes}\t${1 + pulls - successes}\t${score(compliance(random))}` +
          `\t${pulled}\t${time(set.start - 30 * DAY)}\t${pulled}`
        );
      },
    };
  },
};

export const evolutionMetrics: TableData = {
  name: "ec.evolution_metrics",
  columns: [
    ...["id", "created_at", "optimization_id", "population_id", "bandit_arm_id", "generation", "metric_name"],
    ...["metric_value", "unit", "constitutional_compliance_score", "tags"],
  ],
  key: { id: "bigint" },
  needs: ["ec.optimization_history", "ec.genetic_populations", "ec.bandit_arms"],
  rows(set) {
    const random = set.random("ec.evolution_metrics");
    const count = set.counts["ec.evolution_metrics"];
    const runs = set.counts["ec.optimization_history"];
    return {
      key: (i) => [String(set.number(i))],
      row(i) {
        random.at(i);
        const share = (i + random.unit()) / count;
        const run = Math.floor(share * runs);
        // The first generations are the rows before all others: one for each genetic run.
        const isGenetic = run % GENETIC_EVERY === 0 && run / GENETIC_EVERY < geneticRuns(set);
        const metric = random.pick(METRICS);
        const arm =
          metric === "reward"
            ? set.keys("ec.bandit_arms").uuid(random.below(set.counts["ec.bandit_arms"]))
            : NULL;
        return (
          `${set.number(i)}\t${time(set.office.at(share))}\t${set.keys("ec.optimization_history").uuid(run)}` +
          `\t${isGenetic ? set.keys("ec.genetic_populations").uuid(run / GENETIC_EVERY) : NULL}\t${arm}` +
          `\t${isGenetic ? 0 : NULL}\t${metric}\t${decimal(random.skewed(1, 0.8))}\t${METRIC_UNITS[metric] ?? NULL}` +
          `\t${random.chance(0.3) ? score(compliance(random)) : NULL}\t{"worker":"w${random.below(16)}"}`
        );
      },
    };
  },
};

/** The tables of `ec` that are filled, each after those it references. */
export const EC_TABLES = [optimizations, populations, winaStates, banditArms, evolutionMetrics];
