import { id, spread, text, type Mix } from "./mix.ts";

const PRINCIPLES = 500;

/** Principles are looked up by category, checks by principle and as an average; checks come, and few principles change. */
export function ac(rows: number): Mix {
  const checks = Math.round(rows * 0.1);
  const principle = `\\set i random_zipfian(1, ${PRINCIPLES}, 1.1)\n`;
  return {
    name: "ac 90/10",
    schema: "ac",
    login: "ac_service",
    fills: [
      {
        table: "ac.principles",
        rows: PRINCIPLES,
        insert: (from, to) => `
          INSERT INTO ac.principles (id, name, category, content, priority_weight)
          SELECT ${id("principle", "i")}, 'Principle ' || i, 'category_' || i % 20, ${text("i")}, (i % 100) / 100.0
          FROM generate_series(${from}, ${to}) AS i`,
      },
      {
        table: "ac.compliance_checks",
        rows: checks,
        insert: (from, to) => `
          INSERT INTO ac.compliance_checks
            (principle_id, target_type, target_id, compliance_score, compliance_level, evidence, duration_ms, created_at)
          SELECT ${id("principle", `1 + (i * 7919::bigint) % ${PRINCIPLES}`)}, 'policy', 'policy-' || i % 50000,
            (50 + i % 51) / 100.0, 'compliant', jsonb_build_object('trace', md5(i::text), 'rules', i % 17), i % 400,
            ${spread(checks)}
          FROM generate_series(${from}, ${to}) AS i`,
      },
    ],
    scripts: [
      {
        name: "ac-principles",
        weight: 45,
        text: `\\set c random(0, 19)
SELECT id, name, content, priority_weight FROM ac.principles
WHERE is_active = true AND category = 'category_' || :c::text ORDER BY priority_weight DESC LIMIT 10;
`,
      },
      {
        name: "ac-checks",
        weight: 30,
        text: `${principle}SELECT id, compliance_score, compliance_level, created_at FROM ac.compliance_checks
WHERE principle_id = ${id("principle", ":i")} ORDER BY created_at DESC LIMIT 20;
`,
      },
      {
        name: "ac-average",
        weight: 15,
        text: `${principle}SELECT avg(compliance_score), count(*) FROM ac.compliance_checks
WHERE principle_id = ${id("principle", ":i")} AND created_at > now() - interval '1 day';
`,
      },
      {
        name: "ac-insert",
        weight: 9,
        text: `${principle}\\set t random(1, 50000)
INSERT INTO ac.compliance_checks (principle_id, target_type, target_id, compliance_score, compliance_level, evidence)
VALUES (${id("principle", ":i")}, 'policy', 'policy-' || :t::text, 0.87, 'compliant', '{"trace": "7f3a", "rules": 12}');
`,
      },
      {
        name: "ac-weigh",
        weight: 1,
        text: `\\set i random(1, ${PRINCIPLES})
UPDATE ac.principles SET priority_weight = (:i % 100) / 100.0 WHERE id = ${id("principle", ":i")};
`,
      },
    ],
  };
}
