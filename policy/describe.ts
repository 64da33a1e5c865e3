import { markdownEntry } from "../lib/text/markdownEntry.ts";
import { RESOURCE_RULES, STACK_RULES } from "./rules/index.ts";

/** All rules in Markdown, before they are laid out. docs/policy.md holds them between two markers. */
export function rulesInWords(): string {
  const entries = [...RESOURCE_RULES, ...STACK_RULES].map(({ name, description, remedy }) =>
    markdownEntry(`\`${name}\``, description, [["Remedy", remedy]]),
  );
  return entries.join("\n");
}
