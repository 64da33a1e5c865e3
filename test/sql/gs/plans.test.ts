import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { indexesRead } from "../conventions.ts";
import { rows, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

let database: StackDatabase;
let service: pg.Client;

/** Three weeks at some 2,000 rows a day: many drafts and old versions, few waiting; a constitution that just changed. */
const LOAD = [
  `INSERT INTO gs.policy_templates (name, template_body) SELECT 'template_' || i, 'b' FROM generate_series(1, 300) AS i`,
  `INSERT INTO gs.synthesis_history (created_at, user_id, template_id, request)
   SELECT now() - i * interval '50 seconds', md5((i % 400)::text)::uuid, t.id, 'r' FROM generate_series(1, 30000) AS i
   JOIN (SELECT id, row_number() OVER () AS n FROM gs.policy_templates) AS t ON t.n = 1 + i % 300`,
  `INSERT INTO gs.policies (name, created_at, content, status, constitutional_hash, synthesis_id, template_id)
   SELECT 'acgs.p' || n, created_at, 'package p', CASE WHEN n % 100 = 0 THEN 'in_review' WHEN n % 2 = 0 THEN 'draft' ELSE 'rejected' END,
          CASE WHEN n % 200 = 0 THEN 'feedfacefeedface' ELSE 'cdd01ef066bc6cf2' END, id, template_id
   FROM (SELECT *, row_number() OVER () AS n FROM gs.synthesis_history LIMIT 15000) AS made`,
  `INSERT INTO gs.multi_model_consensus (synthesis_id, models) SELECT id, '{a,b}' FROM gs.synthesis_history LIMIT 10000`,
  `INSERT INTO gs.wina_optimizations (synthesis_id, model, sparsity) SELECT id, 'm', 0.5 FROM gs.synthesis_history LIMIT 10000`,
  `INSERT INTO gs.llm_interactions (created_at, provider, model, prompt, response, synthesis_id, consensus_id)
   SELECT now() - n * interval '36 seconds', 'p' || n % 3, 'm' || n % 12, repeat('question ', 10), repeat('answer ', 20), s.id, s.consensus
   FROM (SELECT h.id, c.id AS consensus, row_number() OVER () AS n
         FROM gs.synthesis_history AS h LEFT JOIN gs.multi_model_consensus AS c ON c.synthesis_id = h.id) AS s, generate_series(1, 2)`,
];

beforeAll(async () => {
  database = await startAppliedDatabase("gs");
  service = await database.connect("gs_service");
  const superuser = await database.connect();
  // As a new constitution comes: one more value, and no table is touched.
  await superuser.query(
    `CREATE OR REPLACE FUNCTION platform.is_constitutional_hash(hash text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT
     PARALLEL SAFE RETURN hash IN ('cdd01ef066bc6cf2', 'feedfacefeedface')`,
  );
  for (const statement of LOAD) await service.query(statement);
  await service.query("SELECT gs.refresh_statistics()");
  // As autovacuum would in a while.
  await superuser.query("VACUUM ANALYZE");
});
afterAll(() => database?.stop());

const ONE = "md5('7')::uuid";

test.each([
  [
    "idx_policies_status",
    "SELECT * FROM gs.policies WHERE status = 'in_review' ORDER BY created_at DESC LIMIT 20",
  ],
  [
    "idx_policies_constitutional_hash",
    "SELECT * FROM gs.policies WHERE constitutional_hash = 'feedfacefeedface'",
  ],
  [
    "policies_name_version_key",
    "SELECT version, status, content FROM gs.policies WHERE name = 'acgs.p7' ORDER BY version",
  ],
  [
    "idx_synthesis_history_user",
    `SELECT * FROM gs.synthesis_history WHERE user_id = ${ONE} ORDER BY created_at DESC LIMIT 20`,
  ],
  [
    "idx_llm_interactions_timestamp",
    "SELECT * FROM gs.llm_interactions WHERE created_at > now() - interval '1 hour' ORDER BY created_at DESC",
  ],
  ["idx_llm_interactions_timestamp", "SELECT * FROM gs.llm_interactions ORDER BY created_at DESC LIMIT 50"],
  ["idx_policies_template", `SELECT * FROM gs.policies WHERE template_id = ${ONE}`],
  ["idx_policies_synthesis", `SELECT * FROM gs.policies WHERE synthesis_id = ${ONE}`],
  ["idx_synthesis_history_template", `SELECT * FROM gs.synthesis_history WHERE template_id = ${ONE}`],
  [
    "idx_multi_model_consensus_synthesis",
    `SELECT * FROM gs.multi_model_consensus WHERE synthesis_id = ${ONE}`,
  ],
  ["idx_wina_optimizations_synthesis", `SELECT * FROM gs.wina_optimizations WHERE synthesis_id = ${ONE}`],
  ["idx_llm_interactions_synthesis", `SELECT * FROM gs.llm_interactions WHERE synthesis_id = ${ONE}`],
  ["idx_llm_interactions_consensus", `SELECT * FROM gs.llm_interactions WHERE consensus_id = ${ONE}`],
])("%s serves the query it is for (%#)", async (index, query) => {
  expect(await indexesRead(service, "gs", query)).toEqual([index]);
});

test("the last hour is read from one month's partition, or two", async () => {
  const [plan] = await rows(
    service,
    "EXPLAIN (ANALYZE, FORMAT json) SELECT count(*) FROM gs.llm_interactions WHERE created_at > now() - interval '1 hour' AND created_at <= now()",
  );
  const read = [...JSON.stringify(plan).matchAll(/"Relation Name":"([^"]+)"/g)];
  expect(read.length).toBeGreaterThan(0);
  expect(read.length).toBeLessThanOrEqual(2);
});
