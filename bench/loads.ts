import type { Script } from "./pgbench.ts";

/** Keys by number in the tables of the schema `bench`, for scripts to pick one at random: sessions, and all else. */
export const SESSION_KEYS = 50_000;
export const LOOKUP_KEYS = 1_000;
/** Rows of one statement of a batch. */
export const BATCH = 100;

/** A session by its token, with its user and roles: what every request of every user begins with. */
export const AUTHENTICATION: Script = {
  name: "authentication",
  text: `\\set n random(1, ${SESSION_KEYS})
SELECT user_id, username, mfa_verified, roles FROM auth.authenticated_sessions
WHERE token_hash = (SELECT token_hash FROM bench.session_keys WHERE n = :n);
`,
};

/** The audit trail, one event at a time. */
export const AUDIT_WRITE: Script = {
  name: "audit-write",
  text: `\\set n random(1, 1000000)
INSERT INTO integrity.audit_logs (user_id, service_name, action, resource_type, resource_id, client_address, details)
VALUES (('00000000-0000-4000-8000-' || lpad(:n::text, 12, '0'))::uuid, 'pgc', 'policy.evaluate', 'policy', :n::text,
  '10.0.0.1', '{"decision": "allow"}');
`,
};

/** The audit trail in batches, as a service sends what it has gathered. */
export const AUDIT_BATCH: Script = {
  name: "audit-batch",
  text: `\\set n random(1, 1000000)
INSERT INTO integrity.audit_logs (user_id, service_name, action, resource_type, resource_id, client_address, details)
SELECT ('00000000-0000-4000-8000-' || lpad((:n + i)::text, 12, '0'))::uuid, 'pgc', 'policy.evaluate', 'policy', i::text,
  '10.0.0.1', '{"decision": "allow"}'
FROM generate_series(1, ${BATCH}) AS i;
`,
};

/** One decision, as the policy service logs it. */
export const POLICY_DECISION: Script = {
  name: "policy-decision",
  text: `\\set n random(1, 1000)
INSERT INTO pgc.policy_decisions (policy_id, request_id, user_id, evaluation_time_us, decision, decision_path, input)
VALUES (('00000000-0000-4000-8000-' || lpad(:n::text, 12, '0'))::uuid, gen_random_uuid(), gen_random_uuid(), :n,
  'allow', 'acgs/governance/allow', '{"action": "read", "resource": "policy"}');
`,
};

/** The rules that apply to an action on a kind of thing, in the order in which they win: what a decision reads first. */
export const POLICY_LOOKUP: Script = {
  name: "policy-look-up",
  text: `\\set n random(1, ${LOOKUP_KEYS})
SELECT name, policy_id, effect, priority, condition FROM pgc.policy_rules
WHERE is_active AND (resource_type, action) = (
  SELECT resource_type, action FROM bench.rule_keys WHERE n = :n)
ORDER BY priority DESC LIMIT 5;
`,
};

/** A query of the requirements' tables, and what they measured, in ms ("Infrastructure Optimization Report", "Summary"). */
export interface RequiredQuery {
  script: Script;
  required: number;
}

export const QUERIES: RequiredQuery[] = [
  { required: 0.22, script: { name: "basic", text: "SELECT 1;\n" } },
  {
    required: 0.4,
    script: {
      name: "complex basic",
      text: "SELECT count(*), max(a.priority) FROM pgc.active_policies a WHERE a.status = 'active' AND a.scope = 'global';\n",
    },
  },
  {
    required: 15.2,
    script: {
      name: "simple",
      text: "SELECT name, version, status FROM gs.policies WHERE status = 'active' ORDER BY created_at DESC LIMIT 20;\n",
    },
  },
  {
    required: 45.8,
    script: {
      name: "join",
      text: `SELECT d.id, d.decision, a.name, a.priority FROM pgc.policy_decisions d
JOIN pgc.active_policies a USING (policy_id)
WHERE d.created_at > now() - interval '1 hour' ORDER BY d.created_at DESC LIMIT 100;
`,
    },
  },
  {
    required: 78.3,
    script: {
      name: "aggregation",
      text: `SELECT principle_id, avg(compliance_score), count(*) FROM ac.compliance_checks
WHERE created_at > now() - interval '1 day' GROUP BY principle_id;
`,
    },
  },
  {
    required: 125.7,
    script: {
      name: "complex",
      text: `SELECT a.name, d.decision, count(*), avg(d.evaluation_time_us),
  percentile_cont(0.95) WITHIN GROUP (ORDER BY d.evaluation_time_us)
FROM pgc.policy_decisions d JOIN pgc.active_policies a USING (policy_id)
WHERE d.created_at > now() - interval '1 hour' GROUP BY a.name, d.decision ORDER BY count(*) DESC LIMIT 20;
`,
    },
  },
  {
    required: 8.9,
    script: {
      name: "index scan",
      text: `\\set n random(1, ${LOOKUP_KEYS})
SELECT id, action, created_at FROM integrity.audit_logs
WHERE user_id = (SELECT user_id FROM bench.user_keys WHERE n = :n) ORDER BY created_at DESC LIMIT 20;
`,
    },
  },
];
