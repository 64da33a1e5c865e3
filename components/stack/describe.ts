import { markdownEntry } from "../../lib/text/markdownEntry.ts";
import { keyOf } from "./configIssue.ts";
import { defaultOf, type Leaf, leaves } from "./schemaWalk.ts";

/**
 * All configuration keys in Markdown, laid out as Prettier does it. docs/configuration.md holds them between two markers, and a test
 * keeps them in step with the schema.
 */
export function configurationKeys(): string {
  return leaves().map(entry).join("\n");
}

function entry({ path, notes }: Leaf): string {
  const value = defaultText(defaultOf(path));
  return markdownEntry(`\`${keyOf(path).slice(keyOf([]).length)}\``, notes.meaning, [
    ["Default", value],
    ["Allowed", notes.allowed],
    ["A change on a running stack", notes.impact],
  ]);
}

function defaultText(value: unknown): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.map(defaultText).join("; ") || "none";
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([name, part]) => `${name}: ${String(part)}`);
    return entries.length === 0 ? "none" : `\`{ ${entries.join(", ")} }\``;
  }
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}
