import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { conventionFaults, indexDefinitions, refusedBy, tablesOf } from "../conventions.ts";
import { failure, rows, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

/** The indexes that the requirements name, with their columns. */
const SEED_INDEXES = {
  idx_evolution_metrics_timestamp: "evolution_metrics USING btree (created_at DESC)",
  idx_optimization_history_algorithm: "optimization_history USING btree (algorithm_type, created_at DESC)",
  idx_wina_states_context: "wina_states USING btree (context_key, updated_at DESC)",
};

const DENIED = "42501";

let database: StackDatabase;
let admin: pg.Client;
let service: pg.Client;

beforeAll(async () => {
  database = await startAppliedDatabase("ec");
  admin = await database.connect();
  service = await database.connect("ec_service");
});
afterAll(() => database?.stop());

/** An insert of a row that is right but for what is given. */
const insert = (table: string, row: Record<string, string>): string =>
  `INSERT INTO ec.${table} (${Object.keys(row).join(", ")}) VALUES (${Object.values(row).join(", ")}) RETURNING id`;

const run = (row: Record<string, string>): string =>
  insert("optimization_history", { algorithm_type: "'genetic'", objective: "'latency_ms'", ...row });
const arm = (row: Record<string, string>): string =>
  insert("bandit_arms", { context_key: "'c'", arm_id: "'a'", algorithm_type: "'ucb1'", ...row });
const wina = (row: Record<string, string>): string =>
  insert("wina_states", { context_key: "'c'", model: "'m'", layer_name: "'all'", ...row });
const measured = (row: Record<string, string>): string =>
  insert("evolution_metrics", { metric_name: "'best_fitness'", metric_value: "1", ...row });
const populated = (optimization: unknown, row: Record<string, string>): string =>
  insert("genetic_populations", {
    optimization_id: `'${String(optimization)}'`,
    generation: "0",
    population_size: "2",
    individuals: "'[1, 2]'",
    ...row,
  });

describe("the schema", () => {
  test("has the five tables of the requirements, and their indexes", async () => {
    expect(await tablesOf(admin, "ec")).toEqual([
      "bandit_arms",
      "evolution_metrics",
      "genetic_populations",
      "optimization_history",
      "wina_states",
    ]);
    expect(await indexDefinitions(admin, "ec")).toMatchObject(SEED_INDEXES);
  });

  test("keeps to the rules of all schemas", async () => {
    expect(await conventionFaults(admin, "ec")).toEqual([]);
  });

  test.each([
    ["optimization_history_algorithm_type_check", run({ algorithm_type: "'guess'" })],
    ["optimization_history_status_check", run({ status: "'done'", completed_at: "now()" })],
    ["optimization_history_completed_check", run({ status: "'failed'" })],
    ["optimization_history_result_check", run({ status: "'completed'", completed_at: "now()" })],
    ["optimization_history_score_check", run({ constitutional_compliance_score: "-0.01" })],
    ["optimization_history_direction_check", run({ direction: "'up'" })],
    ["bandit_arms_algorithm_type_check", arm({ algorithm_type: "'coin'" })],
    ["bandit_arms_pulls_check", arm({ pulls: "1", successes: "2" })],
    ["bandit_arms_beta_distribution_check", arm({ alpha: "0" })],
    ["wina_states_status_check", wina({ status: "'on'" })],
    ["wina_states_sparsity_check", wina({ sparsity: "1.01" })],
    ["evolution_metrics_metric_name_check", measured({ metric_name: "'Best Fitness'" })],
    ["evolution_metrics_generation_check", measured({ generation: "-1" })],
    ["evolution_metrics_tags_check", measured({ tags: "'[]'" })],
    ["evolution_metrics_constitutional_hash_check", measured({ constitutional_hash: "'deadbeefdeadbeef'" })],
    ["evolution_metrics_optimization_id_fkey", measured({ optimization_id: "gen_random_uuid()" })],
    ["evolution_metrics_population_id_fkey", measured({ population_id: "gen_random_uuid()" })],
    ["evolution_metrics_bandit_arm_id_fkey", measured({ bandit_arm_id: "gen_random_uuid()" })],
  ])("refuses by %s (%#)", async (constraint, statement) => {
    expect(await refusedBy(service, statement)).toBe(constraint);
  });

  test("holds the generations of a run, each once, as long as measurements name them", async () => {
    const [optimization] = await rows(service, run({}));
    const [population] = await rows(service, populated(optimization, {}));
    expect(await refusedBy(service, populated(optimization, {}))).toBe(
      "genetic_populations_optimization_generation_key",
    );
    expect(await refusedBy(service, populated(optimization, { generation: "1", elite_count: "3" }))).toBe(
      "genetic_populations_elite_count_check",
    );
    expect(
      await refusedBy(service, populated(optimization, { generation: "1", status: "'evaluated'" })),
    ).toBe("genetic_populations_fitness_check");
    await service.query(
      measured({ optimization_id: `'${String(optimization)}'`, population_id: `'${String(population)}'` }),
    );
    expect(await failure(service, "DELETE FROM ec.genetic_populations WHERE id = $1", [population])).toBe(
      "23503",
    );
    const remove = "DELETE FROM ec.optimization_history WHERE id = $1";
    expect(await failure(service, remove, [optimization])).toBe(DENIED);
    expect(await failure(admin, remove, [optimization])).toBe("23503");
  });

  test("computes the mean reward of an arm", async () => {
    const [id] = await rows(service, arm({ arm_id: "'mean'" }));
    const read = "SELECT average_reward FROM ec.bandit_arms WHERE id = $1";
    expect(await rows(service, read, [id])).toEqual([null]);
    await service.query("UPDATE ec.bandit_arms SET pulls = 4, total_reward = 3 WHERE id = $1", [id]);
    expect(await rows(service, read, [id])).toEqual([0.75]);
  });

  test("lets updates of arms, runs and populations stay in their page (HOT), and stamps them", async () => {
    const [optimization] = await rows(service, run({}));
    const ids = {
      bandit_arms: (await rows(service, arm({ arm_id: "'hot'" })))[0],
      optimization_history: optimization,
      genetic_populations: (await rows(service, populated(optimization, {})))[0],
    };
    const changes: Record<keyof typeof ids, string> = {
      bandit_arms: "pulls = pulls + 1, total_reward = total_reward + 0.5, last_pulled_at = now()",
      optimization_history: "status = 'running', started_at = now(), iterations = iterations + 1",
      genetic_populations: "status = 'evaluated', best_fitness = 1, mean_fitness = 0.5",
    };
    for (const [table, id] of Object.entries(ids)) {
      const hot = async (): Promise<number> =>
        (
          await rows(service, "SELECT pg_stat_get_xact_tuples_hot_updated($1::regclass)::int", [
            `ec.${table}`,
          ])
        )[0] as number;
      await service.query("BEGIN");
      const before = await hot();
      await service.query(`UPDATE ec.${table} SET ${changes[table as keyof typeof ids]} WHERE id = $1`, [id]);
      expect([table, (await hot()) - before]).toEqual([table, 1]);
      await service.query("COMMIT");
      expect(
        await rows(service, `SELECT updated_at > created_at FROM ec.${table} WHERE id = $1`, [id]),
      ).toEqual([true]);
    }
  });
});

test.each([
  ["ec_service", measured({}), undefined],
  ["ec_service", "SELECT ec.refresh_statistics()", undefined],
  ["ec_service", "SELECT ec.daily_partition_maintenance()", undefined],
  ["ec_service", "TRUNCATE ec.evolution_metrics", DENIED],
  ["ec_service", "DROP TABLE ec.bandit_arms", DENIED],
  ["ec_service", "CREATE TABLE ec.mine (x int)", DENIED],
  ["ec_service", "SELECT platform.drop_months('ec.evolution_metrics', now())", DENIED],
  ["dgm_service", "SELECT * FROM ec.bandit_arms", DENIED],
  ["acgs_user", measured({}), undefined],
  ["acgs_user", "SELECT ec.daily_partition_maintenance()", DENIED],
  ["acgs_user", "SELECT ec.refresh_statistics()", DENIED],
  ["acgs_readonly", "SELECT * FROM ec.evolution_metrics", undefined],
  ["acgs_readonly", measured({}), DENIED],
])("%s: %s", async (login, statement, expected) => {
  expect(await failure(await database.connect(login), statement)).toBe(expected);
});
