import { indexAdvice } from "./advice/indexes.ts";
import { serverAdvice } from "./advice/server.ts";
import { storageAdvice } from "./advice/storage.ts";
import { workAdvice } from "./advice/work.ts";
import { SEVERITIES, type Advice, type Findings, type Severity } from "./schema.ts";

/** What is to be done, the most urgent first: each with the reason and what to type. */
export function adviseOn(findings: Findings): Advice[] {
  const advice = [
    ...serverAdvice(findings),
    ...storageAdvice(findings),
    ...workAdvice(findings),
    ...indexAdvice(findings),
  ];
  const rank = ({ severity }: Advice): number => SEVERITIES.indexOf(severity);
  return advice.sort((a, b) => rank(a) - rank(b));
}

/** Whether there is advice of this severity or a worse one. */
export function reaches(advice: readonly Advice[], severity: Severity): boolean {
  return advice.some((one) => SEVERITIES.indexOf(one.severity) <= SEVERITIES.indexOf(severity));
}
