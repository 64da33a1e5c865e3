import type { ProvenQuery } from "../plans/prove.ts";
import { blocks, code, codeBlock, codes, text } from "./markdown.ts";

/** The section of a query with its plan. */
export function renderQuery({ query, plan }: ProvenQuery): string {
  return blocks(
    `### ${query.title}`,
    `${text(query.source)}. ${servedBy(plan.indexes)}`,
    codeBlock("sql", query.sql.split("\n")),
    codeBlock("text", plan.lines),
    plan.partitions.length > 0
      ? `Partitions in the plan: ${plan.partitions.map(({ table, planned, of }) => `${planned} of ${of} of ${code(table)}`).join(", ")}.`
      : undefined,
    query.note,
  );
}

function servedBy(indexes: readonly string[]): string {
  return indexes.length > 0 ? `Served by ${codes(indexes)}.` : "Served by no index.";
}
