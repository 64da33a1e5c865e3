// Texts of some length: policies, what is asked of models, and what they answer.
import { text } from "./copyText.ts";
import type { Random } from "./random.ts";

const SENTENCES = [
  "A decision that affects a person shall name the principle it rests on and the data it has used.",
  "Personal data shall be kept no longer than the purpose for which it was collected requires.",
  "Access to a protected resource is denied unless a role of the requester holds the permission for it.",
  "A policy with a risk above medium takes effect only after a member of the council has approved it.",
  "Every change of an active policy is recorded with its author, its reason and the version before.",
  "An automated refusal can be appealed, and a person decides on the appeal within five working days.",
  "Outcomes are compared between groups each month; a disparity above the threshold suspends the policy.",
  "A service that cannot reach the decision point denies the request and reports the fact.",
  "Models are used for drafting only; what they propose is verified before anyone relies on it.",
  "The rule does not apply where a law of the place demands otherwise; the exception is recorded.",
  "Explanations are written for those who are affected and avoid terms of art.",
  "Resources are granted by need, and what stays unused for thirty days is withdrawn.",
  "Two principles that conflict are weighed by their priority; the council settles what remains open.",
  "Sensitive attributes are neither used nor inferred in decisions on access.",
  "A rollback plan is part of every change, and it has been tried before the change is made.",
  "Keys are rotated at least once a quarter, and at once when their holder leaves.",
  "The audit trail is complete, in order and cannot be altered by those whose acts it records.",
  "Exports of audit data need a purpose, a recipient and an expiry.",
  "Tests cover the cases that the formal specification leaves to interpretation.",
  "Metrics that guide self-improvement must not reward a lower degree of compliance.",
];

/** So many sentences, escaped for COPY. */
export function prose(random: Random, sentences: number): string {
  let result = random.pick(SENTENCES);
  for (let i = 1; i < sentences; i++) {
    if (random.chance(0.3)) result += ` (Article ${random.between(1, 99)}.${random.between(1, 20)})`;
    result += ` ${random.pick(SENTENCES)}`;
  }
  return result;
}

const CONDITIONS = [
  'input.subject.roles[_] == "council_member"',
  "input.subject.clearance >= data.resources[input.resource].clearance",
  "input.context.risk_score < data.limits.risk",
  "time.now_ns() < data.grants[input.subject.id].expires_at",
  'input.resource.classification != "restricted"',
  "count(input.evidence) >= data.limits.evidence",
  "not data.suspended[input.subject.id]",
  'input.action in {"read", "verify", "export"}',
  "input.context.mfa == true",
  "data.principles[input.principle].is_active",
];

/** A policy in Rego with so many rules, escaped for COPY. */
export function rego(random: Random, packageName: string, rules: number): string {
  let result = `package ${packageName}\\n\\nimport rego.v1\\n\\ndefault allow := false\\n`;
  for (let i = 0; i < rules; i++) {
    result += `\\n# ${random.pick(SENTENCES)}\\nallow if {\\n`;
    for (let n = random.between(1, 4); n > 0; n--) result += `    ${random.pick(CONDITIONS)}\\n`;
    result += "}\\n";
  }
  return result;
}

/** An assertion for the solver, escaped for COPY. */
export function smtlib(random: Random, name: string, assertions: number): string {
  let result = text(`(set-logic QF_LRA)\n(declare-const ${name} Bool)\n(declare-const risk Real)\n`);
  for (let i = 0; i < assertions; i++) {
    result += `(assert (=> ${name} (<= risk 0.${random.between(10, 99)})))\\n`;
  }
  return `${result}(check-sat)\\n`;
}
