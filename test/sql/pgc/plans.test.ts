import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { indexesRead } from "../conventions.ts";
import { rows, startAppliedDatabase } from "../../../testing/sqlServer.ts";
import type { StackDatabase } from "../../../testing/sqlServer.ts";

let database: StackDatabase;
let admin: pg.Client;
let service: pg.Client;

const policy = (n: string): string => `md5('policy' || ${n})::uuid`;

/** Some days of decisions, 300 of them in the last hour, by 500 policies with 4,000 rules. */
const LOAD = [
  `INSERT INTO pgc.active_policies (policy_id, name, status, priority, scope, package_path, policy_hash)
   SELECT ${policy("i")}, 'policy ' || i, CASE WHEN i % 10 = 0 THEN 'retired' ELSE 'active' END, i % 1000,
     'service:svc' || i % 201, 'acgs.p' || i, encode(sha256(i::text::bytea), 'hex')
   FROM generate_series(1, 2000) AS i`,
  `INSERT INTO pgc.policy_rules (policy_id, name, effect, resource_type, action, priority, is_active)
   SELECT ${policy("(1 + i % 500)")}, 'rule ' || i, 'deny', 'resource' || i % 40, 'action' || i / 40 % 25, i % 1000, i % 8 <> 0
   FROM generate_series(1, 8000) AS i`,
  `INSERT INTO pgc.policy_decisions (created_at, decision_time, policy_id, decision, decision_path, evaluation_time_us, input)
   SELECT at, at, ${policy("i % 500")}, CASE WHEN i % 20 = 0 THEN 'deny' ELSE 'allow' END, 'acgs/governance/allow', i % 900, '{"action": "read"}'
   FROM (SELECT i, now() - i * interval '12 seconds' AS at FROM generate_series(1, 60000) AS i) AS made`,
  `INSERT INTO pgc.enforcement_logs (created_at, policy_id, action_type, enforced_by, decision_id, decision_created_at, outcome)
   SELECT at, ${policy("i % 500")}, (ARRAY['allow', 'block', 'warn', 'escalate'])[1 + (i % 97 = 0)::int + (i % 389 = 0)::int],
     'gs_service', CASE WHEN i % 2 = 0 THEN i END, CASE WHEN i % 2 = 0 THEN at END, CASE WHEN i % 200 = 0 THEN 'failed' ELSE 'succeeded' END
   FROM (SELECT i, now() - i * interval '30 seconds' AS at FROM generate_series(1, 40000) AS i) AS made`,
];

const LAST_HOUR = `SELECT * FROM pgc.policy_decisions
  WHERE created_at > now() - interval '1 hour' ORDER BY created_at DESC`;
const APPLICABLE = `SELECT policy_id, name, effect, condition FROM pgc.policy_rules
  WHERE resource_type = 'resource7' AND action = 'action7' AND is_active ORDER BY priority DESC`;
const IN_FORCE = `SELECT * FROM pgc.active_policies
  WHERE scope = 'service:svc7' AND status = 'active' AND effective_from <= now() AND coalesce(effective_until > now(), true)
  ORDER BY priority DESC`;

beforeAll(async () => {
  database = await startAppliedDatabase("pgc");
  admin = await database.connect();
  for (const statement of LOAD) await admin.query(statement);
  service = await database.connect("pgc_service");
  // As a stack has it for solid-state disks.
  await service.query("SET random_page_cost = 1.1");
  await service.query("SELECT pgc.refresh_statistics()");
  // As autovacuum would in a while.
  await admin.query("VACUUM ANALYZE");
});
afterAll(() => database?.stop());

test.each([
  ["idx_policy_decisions_created", LAST_HOUR],
  [
    "idx_policy_decisions_timestamp",
    "SELECT * FROM pgc.policy_decisions ORDER BY decision_time DESC LIMIT 50",
  ],
  [
    "idx_policy_decisions_policy",
    `SELECT * FROM pgc.policy_decisions WHERE policy_id = ${policy("7")} ORDER BY decision_time DESC LIMIT 50`,
  ],
  [
    "idx_policy_decisions_time_policy",
    `SELECT policy_id, decision, count(*), avg(evaluation_time_us) FROM pgc.policy_decisions
     WHERE decision_time > now() - interval '1 hour' GROUP BY policy_id, decision`,
  ],
  [
    "idx_enforcement_logs_action",
    "SELECT * FROM pgc.enforcement_logs WHERE action_type = 'block' ORDER BY created_at DESC LIMIT 20",
  ],
  [
    "idx_enforcement_logs_policy",
    `SELECT * FROM pgc.enforcement_logs WHERE policy_id = ${policy("7")} ORDER BY created_at DESC LIMIT 20`,
  ],
  ["idx_enforcement_logs_decision", "SELECT * FROM pgc.enforcement_logs WHERE decision_id = 4242"],
  [
    "idx_enforcement_logs_failed",
    "SELECT * FROM pgc.enforcement_logs WHERE outcome = 'failed' ORDER BY created_at DESC LIMIT 20",
  ],
  [
    "idx_active_policies_status",
    "SELECT * FROM pgc.active_policies WHERE status = 'active' ORDER BY priority DESC LIMIT 20",
  ],
  ["idx_active_policies_scope", IN_FORCE],
  ["idx_policy_rules_name_active", "SELECT * FROM pgc.policy_rules WHERE name = 'rule 7' AND is_active"],
  ["idx_policy_rules_applicable", APPLICABLE],
])("%s serves the query it is for", async (index, query) => {
  // In empty months the server takes any of them: all are one page.
  expect(await indexesRead(service, "pgc", query)).toContain(index);
});

interface Plan {
  "Node Type": string;
  "Actual Rows": number;
  "Rows Removed by Filter"?: number;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
  Plans?: Plan[];
}

/** The nodes of a plan that was carried out, from the top. */
async function carriedOut(query: string): Promise<Plan[]> {
  const [[{ Plan: top }]] = (await rows(service, `EXPLAIN (ANALYZE, BUFFERS, FORMAT json) ${query}`)) as [
    [{ Plan: Plan }],
  ];
  const nodes = (node: Plan): Plan[] => [node, ...(node.Plans ?? []).flatMap(nodes)];
  return nodes(top);
}

test("the requirements' slow query reads what it returns, in order, and the months that can hold it", async () => {
  const nodes = await carriedOut(LAST_HOUR);
  expect(nodes[0]!["Actual Rows"]).toBeGreaterThan(250);
  expect(nodes.map((node) => node["Node Type"])).not.toContain("Sort");
  expect(nodes.some((node) => (node["Rows Removed by Filter"] ?? 0) > 0)).toBe(false);
  expect(nodes[0]!["Shared Hit Blocks"] + nodes[0]!["Shared Read Blocks"]).toBeLessThan(100);
  // Months that lie behind are pruned before it starts; those ahead are empty.
  const past = (await rows(
    admin,
    "SELECT partition_name FROM platform.month_partitions('pgc.policy_decisions') WHERE upper_bound < now() - interval '1 hour'",
  )) as string[];
  expect(past).toHaveLength(1);
  expect(nodes.map((node) => node["Relation Name"])).not.toContain(past[0]);
  const bounded = await carriedOut(LAST_HOUR.replace("ORDER", "AND created_at <= now() ORDER"));
  expect(new Set(bounded.map((node) => node["Relation Name"]).filter(Boolean)).size).toBe(1);
});

test.each([
  ["rules", APPLICABLE],
  ["policies", IN_FORCE],
])("which %s apply is one index scan", async (_, query) => {
  const nodes = await carriedOut(query);
  expect(nodes.filter((node) => node["Index Name"])).toHaveLength(1);
  expect(nodes.map((node) => node["Node Type"])).not.toContain("Seq Scan");
  expect(nodes[0]!["Shared Hit Blocks"] + nodes[0]!["Shared Read Blocks"]).toBeLessThan(20);
  expect(nodes[0]!["Actual Rows"]).toBeGreaterThan(5);
  expect(nodes[0]!["Rows Removed by Filter"] ?? 0).toBe(0);
});

test("rates by policy and outcome are read from an index alone", async () => {
  const nodes = await carriedOut(
    `SELECT policy_id, decision, count(*) FROM pgc.policy_decisions
     WHERE decision_time > now() - interval '1 hour' GROUP BY policy_id, decision`,
  );
  expect(nodes.map((node) => node["Node Type"])).toContain("Index Only Scan");
});
