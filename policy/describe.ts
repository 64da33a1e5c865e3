import { markdownTable } from "../lib/text/markdownTable.ts";
import { RESOURCE_RULES, STACK_RULES } from "./rules/index.ts";

/** The table of all rules in Markdown, before it is laid out. docs/policy.md holds it between two markers. */
export function rulesTable(): string {
  const rows = [...RESOURCE_RULES, ...STACK_RULES].map(({ name, description, remedy }) => [
    `\`${name}\``,
    description,
    remedy,
  ]);
  return markdownTable(["Rule", "What holds", "Remedy"], rows);
}
