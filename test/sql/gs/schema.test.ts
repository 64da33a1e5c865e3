import { createHash, randomUUID } from "node:crypto";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { conventionFaults, indexDefinitions, refusedBy, tablesOf } from "../conventions.ts";
import { failure, rows, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

/** The indexes that the requirements name, with their columns. */
const SEED_INDEXES = {
  idx_policies_status: "policies USING btree (status, created_at DESC)",
  idx_policies_constitutional_hash: "policies USING btree (constitutional_hash)",
  idx_synthesis_history_user: "synthesis_history USING btree (user_id, created_at DESC)",
  idx_llm_interactions_timestamp: "llm_interactions USING btree (created_at DESC)",
};

const DENIED = "42501";

let database: StackDatabase;
let admin: pg.Client;
let service: pg.Client;
let synthesis: string;

beforeAll(async () => {
  database = await startAppliedDatabase("gs");
  admin = await database.connect();
  service = await database.connect("gs_service");
  [synthesis] = (await rows(
    service,
    "INSERT INTO gs.synthesis_history (request, user_id) VALUES ('keep data 30 days', $1) RETURNING id",
    [randomUUID()],
  )) as [string];
});
afterAll(() => database?.stop());

/** An insert of a row that is right but for what is given. */
const insert = (table: string, row: Record<string, string>): string =>
  `INSERT INTO gs.${table} (${Object.keys(row).join(", ")}) VALUES (${Object.values(row).join(", ")})`;

const synthesised = (row: Record<string, string>): string =>
  insert("synthesis_history", { request: "'r'", ...row });
const called = (row: Record<string, string>): string =>
  insert("llm_interactions", { provider: "'p'", model: "'m'", prompt: "'q'", response: "'a'", ...row });
const agreed = (row: Record<string, string>): string =>
  insert("multi_model_consensus", { synthesis_id: `'${synthesis}'`, models: "'{a,b}'", ...row });
const optimised = (row: Record<string, string>): string =>
  insert("wina_optimizations", { model: "'m'", sparsity: "0.6", ...row });

describe("the schema", () => {
  test("has the six tables of the requirements, and their indexes", async () => {
    expect(await tablesOf(admin, "gs")).toEqual([
      "llm_interactions",
      "multi_model_consensus",
      "policies",
      "policy_templates",
      "synthesis_history",
      "wina_optimizations",
    ]);
    expect(await indexDefinitions(admin, "gs")).toMatchObject(SEED_INDEXES);
  });

  test("keeps to the rules of all schemas", async () => {
    expect(await conventionFaults(admin, "gs")).toEqual([]);
  });

  test("refuses nothing of a row that is right", async () => {
    for (const make of [synthesised, called, agreed, optimised]) {
      expect(await refusedBy(service, make({}))).toBeUndefined();
    }
  });

  test.each<[string, () => string]>([
    ["synthesis_history_status_check", () => synthesised({ status: "'done'", completed_at: "now()" })],
    ["synthesis_history_completed_check", () => synthesised({ status: "'failed'" })],
    ["synthesis_history_completed_check", () => synthesised({ completed_at: "now()" })],
    ["synthesis_history_result_check", () => synthesised({ status: "'succeeded'", completed_at: "now()" })],
    ["synthesis_history_score_check", () => synthesised({ constitutional_compliance_score: "1.01" })],
    ["synthesis_history_template_id_fkey", () => synthesised({ template_id: "gen_random_uuid()" })],
    ["llm_interactions_answer_check", () => called({ response: "NULL" })],
    ["llm_interactions_status_check", () => called({ status: "'ok'" })],
    ["llm_interactions_prompt_sha256_check", () => called({ prompt: "NULL", prompt_sha256: "'\\x00'" })],
    ["llm_interactions_cost_check", () => called({ cost_usd: "-1" })],
    [
      "llm_interactions_constitutional_hash_check",
      () => called({ constitutional_hash: "'deadbeefdeadbeef'" }),
    ],
    ["llm_interactions_synthesis_id_fkey", () => called({ synthesis_id: "gen_random_uuid()" })],
    ["llm_interactions_consensus_id_fkey", () => called({ consensus_id: "gen_random_uuid()" })],
    ["multi_model_consensus_models_check", () => agreed({ models: "'{a}'" })],
    ["multi_model_consensus_reached_check", () => agreed({ status: "'reached'", completed_at: "now()" })],
    [
      "multi_model_consensus_reached_check",
      () => agreed({ status: "'reached'", completed_at: "now()", agreement_score: "0.79" }),
    ],
    ["multi_model_consensus_selected_check", () => agreed({ selected_model: "'c'" })],
    [
      "wina_optimizations_accepted_check",
      () => optimised({ status: "'accepted'", completed_at: "now()", accuracy_retention: "0.94" }),
    ],
    ["wina_optimizations_sparsity_check", () => optimised({ sparsity: "1.01" })],
    [
      "policy_templates_status_check",
      () => insert("policy_templates", { name: "'t'", template_body: "'b'", status: "'on'" }),
    ],
  ])("refuses by %s (%#)", async (constraint, statement) => {
    expect(await refusedBy(service, statement())).toBe(constraint);
  });

  test("keeps a generation that calls of models name", async () => {
    await service.query(called({ synthesis_id: `'${synthesis}'` }));
    const remove = "DELETE FROM gs.synthesis_history WHERE id = $1";
    expect(await failure(service, remove, [synthesis])).toBe(DENIED);
    expect(await failure(admin, remove, [synthesis])).toBe("23503");
  });
});

describe("the texts of a call", () => {
  const sha256 = (text: string): Buffer => createHash("sha256").update(text, "utf8").digest();
  const write = `INSERT INTO gs.llm_interactions (provider, model, prompt, response, prompt_sha256, response_sha256)
                 VALUES ('p', 'm', $1, $2, $3, $4) RETURNING id`;
  const read =
    "SELECT prompt, prompt_sha256, response_sha256, pg_column_compression(response) FROM gs.llm_interactions WHERE id = $1";

  test("are compressed by lz4 and hashed by the server, whatever the client says", async () => {
    const answer = "Daten löschen ✓ nach 30 Tagen. ".repeat(2000);
    const [id] = await rows(service, write, ["Wie lange?", answer, Buffer.alloc(32), null]);
    expect(await rows(service, read, [id])).toEqual([
      ["Wie lange?", sha256("Wie lange?"), sha256(answer), "lz4"],
    ]);
    const stored =
      "SELECT pg_column_size(response) * 10 < octet_length(response) FROM gs.llm_interactions WHERE id = $1";
    expect(await rows(service, stored, [id])).toEqual([true]);
    await service.query("UPDATE gs.llm_interactions SET prompt = NULL, response = NULL WHERE id = $1", [id]);
    expect(await rows(service, read, [id])).toEqual([[null, sha256("Wie lange?"), sha256(answer), null]]);
  });

  test("can be left out for their hashes, the prompt's never", async () => {
    const [id] = await rows(service, write, [null, null, sha256("q"), sha256("a")]);
    expect(await rows(service, read, [id])).toEqual([[null, sha256("q"), sha256("a"), null]]);
    expect(await failure(service, write, [null, "a", null, null])).toBe("23502");
  });
});

test.each([
  ["gs_service", "SELECT gs.refresh_statistics()", undefined],
  ["gs_service", "SELECT gs.daily_partition_maintenance()", undefined],
  ["gs_service", "TRUNCATE gs.llm_interactions", DENIED],
  ["gs_service", "ALTER TABLE gs.policies DISABLE TRIGGER guard_policy", DENIED],
  ["gs_service", "DROP TABLE gs.policies", DENIED],
  ["gs_service", "CREATE TABLE gs.mine (x int)", DENIED],
  ["gs_service", "SELECT platform.drop_months('gs.llm_interactions', now())", DENIED],
  ["acgs_user", called({}), undefined],
  ["acgs_user", "SELECT gs.daily_partition_maintenance()", DENIED],
  ["acgs_user", "SELECT gs.refresh_statistics()", DENIED],
  ["ec_service", "SELECT * FROM gs.policies", DENIED],
  ["acgs_readonly", "SELECT * FROM gs.policies", undefined],
  ["acgs_readonly", called({}), DENIED],
  ["acgs_readonly", "SELECT gs.activate_policy(gen_random_uuid())", DENIED],
  ["acgs_monitor", "UPDATE gs.policies SET title = 'x'", DENIED],
])("%s: %s", async (login, statement, expected) => {
  expect(await failure(await database.connect(login), statement)).toBe(expected);
});
