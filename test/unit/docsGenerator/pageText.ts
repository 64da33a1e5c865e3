import { anchor } from "../../../docs/generator/render/markdown.ts";

/** Tables of a page, each row as its cells, read as GitHub's Markdown does: what a backslash precedes ends no cell. */
export function tablesOf(page: string): string[][][] {
  const rows = page.split("\n").map((line) => (line.startsWith("|") ? cellsOf(line) : undefined));
  const tables: string[][][] = [];
  for (const [i, row] of rows.entries()) {
    if (row === undefined) continue;
    if (rows[i - 1] === undefined) tables.push([]);
    tables.at(-1)?.push(row);
  }
  return tables;
}

function cellsOf(line: string): string[] {
  return [...line.slice(1).matchAll(/((?:\\.|[^|\\])*)\|/g)].map((match) =>
    (match[1] ?? "").trim().replaceAll("\\|", "|"),
  );
}

/** Text of the blocks of code in a language. */
export function codeBlocksOf(page: string, language: string): string[] {
  const fenced = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms");
  return [...page.matchAll(fenced)].map((match) => match[1] ?? "");
}

/** Anchors of a page's headings, as GitHub gives them. */
export function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map((match) => anchor((match[1] ?? "").replaceAll(/[`\\]/g, "")));
}

/** Where a page's links lead. */
export function linksOf(page: string): string[] {
  return [...page.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
}
