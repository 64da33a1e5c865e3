import { type Column, textTable, wrap } from "../../lib/text/table.ts";
import type { AuditReport } from "./audit.ts";
import { DOCKER, type Finding, POSTGRESQL, type Verdict } from "./control.ts";

export interface Appearance {
  /** Columns of the terminal. */
  width: number;
  /** Marks text; returns it as it is where the terminal has no colours. */
  style: (style: "bold" | Verdict, text: string) => string;
}

const WORDS: Record<Verdict, string> = { pass: "pass", fail: "FAIL", "not applicable": "n/a" };

const COLUMNS: readonly Column<Finding>[] = [
  { title: "", cell: ({ result }) => WORDS[result] },
  { title: "Control", cell: ({ id }) => id },
  { title: "What", cell: ({ title }) => title },
  { title: "Why", cell: ({ reason, evidence }) => [reason, evidence].filter(Boolean).join("; ") },
];

/** A table for each benchmark, then each fail in full, then the counts. */
export function render({ stack, generatedAt, counts, findings }: AuditReport, look: Appearance): string {
  const { width, style } = look;
  const lines = [style("bold", `Audit of stack ${stack}`), generatedAt];
  for (const benchmark of [POSTGRESQL, DOCKER]) {
    const own = findings.filter((finding) => finding.benchmark === benchmark);
    const [head = "", ...rows] = textTable(COLUMNS, own, width);
    lines.push("", style("bold", benchmark), head);
    lines.push(...rows.map((row, i) => row.replace(/^\S+/, (word) => style(own[i]!.result, word))));
  }
  const failed = findings.filter(({ result }) => result === "fail");
  for (const { benchmark, id, title, reason, evidence } of failed) {
    lines.push("", ...wrap(`${benchmark} ${id}: ${title}`, width).map((line) => style("fail", line)));
    lines.push(...[reason, evidence].flatMap((text) => wrap(text, width - 4)).map((line) => `    ${line}`));
  }
  lines.push(
    "",
    `${counts.pass} pass, ${counts.fail} fail, ${counts["not applicable"]} not applicable (--json has all in full)`,
  );
  return `${lines.join("\n")}\n`;
}
