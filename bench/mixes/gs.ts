import { id, spread, text, type Mix } from "./mix.ts";

const TEMPLATES = 100;

/** Policies and generations with their texts are read; a synthesis is begun, calls its models and ends. */
export function gs(rows: number): Mix {
  const syntheses = Math.round(rows * 0.02);
  const policies = Math.round(rows * 0.005);
  const calls = Math.round(rows * 0.03);
  return {
    name: "gs 60/40",
    schema: "gs",
    login: "gs_service",
    fills: [
      {
        table: "gs.policy_templates",
        rows: TEMPLATES,
        insert: (from, to) => `
          INSERT INTO gs.policy_templates (id, name, status, template_body)
          SELECT ${id("template", "i")}, 'template ' || i, 'active', ${text("i")}
          FROM generate_series(${from}, ${to}) AS i`,
      },
      {
        table: "gs.synthesis_history",
        rows: syntheses,
        insert: (from, to) => `
          INSERT INTO gs.synthesis_history
            (id, user_id, template_id, status, request, generated_policy, confidence_score, duration_ms, created_at,
             completed_at)
          SELECT ${id("synthesis", "i")}, ${id("user", "1 + (i * 7919::bigint) % 20000")}, ${id("template", `1 + i % ${TEMPLATES}`)},
            'succeeded', left(${text("i")}, 600), ${text("i * 7")}, 0.91, 900 + i % 1000, ${spread(syntheses)},
            ${spread(syntheses)}
          FROM generate_series(${from}, ${to}) AS i`,
      },
      {
        table: "gs.policies",
        rows: policies,
        insert: (from, to) => `
          INSERT INTO gs.policies
            (id, name, status, content, content_sha256, synthesis_id, approved_by, approved_at, activated_at, created_at)
          SELECT ${id("policy", "i")}, 'acgs.policy_' || i, 'active', ${text("i * 3")}, sha256(i::text::bytea),
            ${id("synthesis", "i")}, ${id("user", "1")}, now(), now(), ${spread(policies)}
          FROM generate_series(${from}, ${to}) AS i`,
      },
      {
        table: "gs.llm_interactions",
        rows: calls,
        insert: (from, to) => `
          INSERT INTO gs.llm_interactions
            (created_at, synthesis_id, provider, model, prompt, prompt_sha256, response, response_sha256, prompt_tokens,
             completion_tokens, cost_usd, latency_ms)
          SELECT ${spread(calls)}, ${id("synthesis", `1 + i % ${syntheses}`)}, 'provider', 'model-' || i % 4,
            ${text("i")} || i, sha256(i::text::bytea), ${text("i * 11")} || i, sha256(i::text::bytea), 400 + i % 300,
            300 + i % 500, 0.0042, 700 + i % 900
          FROM generate_series(${from}, ${to}) AS i`,
      },
    ],
    scripts: [
      {
        name: "gs-policy",
        weight: 30,
        text: `\\set p random_zipfian(1, ${policies}, 1.05)
SELECT id, version, content, status FROM gs.policies WHERE name = 'acgs.policy_' || :p::text AND status = 'active';
`,
      },
      {
        name: "gs-history",
        weight: 30,
        text: `\\set u random(1, 20000)
SELECT id, status, request, generated_policy, created_at FROM gs.synthesis_history
WHERE user_id = ${id("user", ":u")} ORDER BY created_at DESC LIMIT 5;
`,
      },
      {
        name: "gs-synthesis",
        weight: 15,
        text: `\\set u random(1, 20000)
\\set s random(1, 1000000000)
\\set t random(0, 999)
BEGIN;
INSERT INTO gs.synthesis_history (id, user_id, template_id, status, request)
SELECT md5(:s::text || now()::text)::uuid, ${id("user", ":u")}, ${id("template", `1 + :t % ${TEMPLATES}`)}, 'running', left(body, 600)
FROM bench.texts WHERE number = :t;
UPDATE gs.synthesis_history SET status = 'succeeded', completed_at = now(), duration_ms = 950, confidence_score = 0.9,
  generated_policy = ${text(":t * 7")}
WHERE id = md5(:s::text || now()::text)::uuid;
COMMIT;
`,
      },
      {
        name: "gs-call",
        weight: 25,
        text: `\\set s random(1, ${syntheses})
\\set t random(0, 999)
INSERT INTO gs.llm_interactions
  (synthesis_id, provider, model, prompt, prompt_sha256, response, prompt_tokens, completion_tokens, cost_usd, latency_ms)
SELECT ${id("synthesis", ":s")}, 'provider', 'model-1', body || :s::text, '', ${text(":t * 11")} || :s::text, 512, 480, 0.0042, 830
FROM bench.texts WHERE number = :t;
`,
      },
    ],
  };
}
