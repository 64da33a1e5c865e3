import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tablesOf } from "../docsGenerator/pageText.ts";
import { ROOT } from "./pageFaults.ts";

/** docs/requirements.md, the one list of what is required. */
export const REQUIREMENTS = readFileSync(join(ROOT, "docs", "requirements.md"), "utf8");

/** Rows of a table of that page, each by its headings, without backticks. */
export function requiredRows(firstHeading: string): Record<string, string>[] {
  const plain = tablesOf(REQUIREMENTS.replaceAll("`", ""));
  const [headings = [], , ...rows] = plain.find(([first]) => first?.[0] === firstHeading) ?? [];
  return rows.map((row) => Object.fromEntries(row.map((cell, i) => [headings[i]!, cell])));
}

export interface RequiredIndex {
  name: string;
  schema: string;
  /** The table without its schema, and what follows it: `users (email) WHERE email_verified = true`. */
  on: string;
}

export const REQUIRED_INDEXES: RequiredIndex[] = requiredRows("index").map(({ index = "", on = "" }) => {
  const [, schema = "", rest = ""] = /^(\w+)\.(.+?)(?:: .*)?$/.exec(on) ?? [];
  return { name: index, schema, on: rest };
});
