import { RESOURCE_RULES, STACK_RULES } from "./rules/index.ts";

/** The table of all rules in Markdown, before it is laid out. docs/policy.md holds it between two markers. */
export function rulesTable(): string {
  const rows = [...RESOURCE_RULES, ...STACK_RULES].map(({ name, description, remedy }) => [
    `\`${name}\``,
    description,
    remedy,
  ]);
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [["Rule", "What holds", "Remedy"], ["-", "-", "-"], ...rows].map(line).join("\n");
}
