import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { indexesRead } from "../conventions.ts";
import { startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

let database: StackDatabase;
let service: pg.Client;

/** Three weeks at the requirements' 5,000 measurements a day, of runs with some hundred of them each. */
const LOAD = [
  `INSERT INTO ec.optimization_history (created_at, algorithm_type, objective)
   SELECT now() - i * interval '10 minutes', (ARRAY['genetic', 'bayesian', 'bandit', 'wina'])[1 + i % 4], 'latency_ms'
   FROM generate_series(1, 10000) AS i`,
  `INSERT INTO ec.genetic_populations (optimization_id, generation, population_size, individuals)
   SELECT id, generation, 10, '[1, 2, 3]' FROM (SELECT id FROM ec.optimization_history LIMIT 500) AS runs, generate_series(0, 19) AS generation`,
  `INSERT INTO ec.bandit_arms (context_key, arm_id, algorithm_type)
   SELECT 'c' || i % 500, 'a' || i, 'ucb1' FROM generate_series(1, 10000) AS i`,
  `INSERT INTO ec.wina_states (context_key, model, layer_name, updated_at)
   SELECT 'c' || i % 200, 'm' || i % 3, 'layer' || i, now() - i * interval '1 minute' FROM generate_series(1, 20000) AS i`,
  `INSERT INTO ec.evolution_metrics (created_at, metric_name, metric_value, optimization_id, population_id, bandit_arm_id)
   SELECT now() - i * interval '17 seconds', 'metric_' || i % 20, random(), r.id, p.id, a.id
   FROM generate_series(1, 100000) AS i
   LEFT JOIN (SELECT id, row_number() OVER () AS n FROM ec.optimization_history LIMIT 500) AS r ON r.n = 1 + i % 700
   LEFT JOIN (SELECT id, row_number() OVER () AS n FROM ec.genetic_populations) AS p ON p.n = 1 + i % 20000
   LEFT JOIN (SELECT id, row_number() OVER () AS n FROM ec.bandit_arms) AS a ON a.n = 1 + i % 30000`,
];

beforeAll(async () => {
  database = await startAppliedDatabase("ec");
  service = await database.connect("ec_service");
  for (const statement of LOAD) await service.query(statement);
  await service.query("SELECT ec.refresh_statistics()");
  const superuser = await database.connect();
  // As autovacuum would in a while.
  await superuser.query("VACUUM ANALYZE");
});
afterAll(() => database?.stop());

test.each([
  [
    "idx_evolution_metrics_timestamp",
    "SELECT * FROM ec.evolution_metrics WHERE created_at > now() - interval '1 hour' ORDER BY created_at DESC",
  ],
  ["idx_evolution_metrics_timestamp", "SELECT * FROM ec.evolution_metrics ORDER BY created_at DESC LIMIT 50"],
  [
    "idx_evolution_metrics_optimization",
    "SELECT * FROM ec.evolution_metrics WHERE optimization_id = md5('7')::uuid AND metric_name = 'metric_7' ORDER BY created_at DESC LIMIT 50",
  ],
  [
    "idx_evolution_metrics_population",
    "SELECT * FROM ec.evolution_metrics WHERE population_id = md5('7')::uuid",
  ],
  [
    "idx_evolution_metrics_bandit_arm",
    "SELECT * FROM ec.evolution_metrics WHERE bandit_arm_id = md5('7')::uuid",
  ],
  [
    "idx_optimization_history_algorithm",
    "SELECT * FROM ec.optimization_history WHERE algorithm_type = 'wina' ORDER BY created_at DESC LIMIT 20",
  ],
  [
    "idx_wina_states_context",
    "SELECT * FROM ec.wina_states WHERE context_key = 'c7' ORDER BY updated_at DESC LIMIT 1",
  ],
  [
    "genetic_populations_optimization_generation_key",
    "SELECT * FROM ec.genetic_populations WHERE optimization_id = md5('7')::uuid ORDER BY generation DESC LIMIT 1",
  ],
  ["bandit_arms_context_arm_algorithm_key", "SELECT * FROM ec.bandit_arms WHERE context_key = 'c7'"],
])("%s serves the query it is for (%#)", async (index, query) => {
  expect(await indexesRead(service, "ec", query)).toEqual([index]);
});
