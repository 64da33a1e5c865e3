/** A part of an entry: what it is called, and what it says. */
export type Detail = readonly [label: string, text: string];

/**
 * An entry of a list in Markdown, for what is too long for a row of a table: a bold title, and its parts below. Parts without text
 * are left out.
 *
 * @param text  what follows the title on its line
 */
export function markdownEntry(title: string, text: string, details: readonly Detail[] = []): string {
  const parts = details.filter(([, said]) => said !== "").map(([label, said]) => `  - ${label}: ${said}`);
  return [`- **${title}**: ${text}`, ...parts].join("\n");
}
