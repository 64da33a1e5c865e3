import { hash, id, spread, type Mix } from "./mix.ts";

const POLICIES = 2_000;
const RULES = 10_000;

/** Policies and rules that apply are looked up; decisions are logged one by one, and what was done about some of them. */
export function pgc(rows: number): Mix {
  const decisions = Math.round(rows * 0.28);
  const enforcements = Math.round(rows * 0.085);
  const policy = `\\set p random_zipfian(1, ${POLICIES}, 1.1)\n`;
  return {
    name: "pgc 20/80",
    schema: "pgc",
    login: "pgc_service",
    fills: [
      {
        table: "pgc.active_policies",
        rows: POLICIES,
        insert: (from, to) => `
          INSERT INTO pgc.active_policies (policy_id, name, priority, scope, package_path, policy_hash)
          SELECT ${id("policy", "i")}, 'policy ' || i, i % 1000, 'scope_' || i % 200, 'acgs.policy_' || i, ${hash("policy", "i")}
          FROM generate_series(${from}, ${to}) AS i`,
      },
      {
        table: "pgc.policy_rules",
        rows: RULES,
        insert: (from, to) => `
          INSERT INTO pgc.policy_rules (policy_id, name, effect, resource_type, action, priority, condition)
          SELECT ${id("policy", `1 + i % ${POLICIES}`)}, 'rule ' || i, 'allow', 'resource_' || i % 100, 'action_' || i % 10,
            i % 1000, jsonb_build_object('role', 'role_' || i % 20, 'hours', '9-17')
          FROM generate_series(${from}, ${to}) AS i`,
      },
      {
        table: "pgc.policy_decisions",
        rows: decisions,
        insert: (from, to) => `
          INSERT INTO pgc.policy_decisions
            (created_at, decision_time, policy_id, request_id, user_id, evaluation_time_us, decision, decision_path, input,
             result)
          SELECT ${spread(decisions)}, ${spread(decisions)}, ${id("policy", `1 + (i * 7919::bigint) % ${POLICIES}`)},
            md5(i::text)::uuid, ${id("user", "i % 20000")}, 200 + i % 900,
            (ARRAY['allow', 'allow', 'allow', 'deny'])[1 + i % 4], 'acgs/authz/allow',
            jsonb_build_object('action', 'action_' || i % 10, 'resource', 'resource_' || i % 100, 'trace', md5(i::text)),
            '{"allow": true, "reasons": ["role", "scope"]}'
          FROM generate_series(${from}, ${to}) AS i`,
      },
      {
        table: "pgc.enforcement_logs",
        rows: enforcements,
        insert: (from, to) => `
          INSERT INTO pgc.enforcement_logs
            (created_at, decision_id, decision_created_at, policy_id, user_id, latency_us, action_type, enforced_by, details)
          SELECT ${spread(enforcements)}, i, ${spread(enforcements)}, ${id("policy", `1 + i % ${POLICIES}`)},
            ${id("user", "i % 20000")}, 100 + i % 700, (ARRAY['allow', 'block', 'warn'])[1 + i % 3], 'gateway',
            jsonb_build_object('node', 'gateway-' || i % 5, 'trace', md5(i::text))
          FROM generate_series(${from}, ${to}) AS i`,
      },
    ],
    scripts: [
      {
        name: "pgc-policies",
        weight: 10,
        text: `\\set s random(0, 199)
SELECT policy_id, name, version, enforcement_mode, package_path, parameters FROM pgc.active_policies
WHERE scope = 'scope_' || :s::text AND status = 'active' ORDER BY priority DESC LIMIT 10;
`,
      },
      {
        name: "pgc-rules",
        weight: 10,
        text: `\\set r random(0, 99)
SELECT policy_id, name, effect, condition FROM pgc.policy_rules
WHERE resource_type = 'resource_' || :r::text AND action = 'action_' || (:r::integer % 10)::text AND is_active = true
ORDER BY priority DESC LIMIT 10;
`,
      },
      {
        name: "pgc-decision",
        weight: 70,
        text: `${policy}\\set u random(1, 20000)
INSERT INTO pgc.policy_decisions
  (policy_id, request_id, user_id, evaluation_time_us, decision, decision_path, input, result)
VALUES (${id("policy", ":p")}, gen_random_uuid(), ${id("user", ":u")}, 420, 'allow', 'acgs/authz/allow',
  jsonb_build_object('action', 'action_3', 'resource', 'resource_42', 'trace', md5(random()::text)),
  '{"allow": true, "reasons": ["role", "scope"]}');
`,
      },
      {
        name: "pgc-enforcement",
        weight: 10,
        text: `${policy}\\set d random(1, ${enforcements})
INSERT INTO pgc.enforcement_logs (decision_id, decision_created_at, policy_id, latency_us, action_type, enforced_by, details)
VALUES (:d, now(), ${id("policy", ":p")}, 180, 'allow', 'gateway', '{"node": "gateway-1"}');
`,
      },
    ],
  };
}
