import { markdownTable } from "../../lib/text/markdownTable.ts";
import { keyOf } from "./configIssue.ts";
import { defaultOf, type Leaf, leaves } from "./schemaWalk.ts";

const HEADINGS = ["Key", "Default", "Allowed", "What it decides", "What a change does to a running stack"];

/**
 * The table of all configuration keys in Markdown, laid out as Prettier does it. The README holds it between
 * two markers, and a test keeps it in step with the schema.
 */
export function configurationTable(): string {
  return markdownTable(HEADINGS, leaves().map(row), { aligned: true });
}

function row({ path, notes }: Leaf): string[] {
  return [
    `\`${keyOf(path).slice(keyOf([]).length)}\``,
    defaultText(defaultOf(path)),
    notes.allowed,
    notes.meaning,
    notes.impact,
  ];
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
