import { say } from "../lib/progress.ts";
import type { Figures } from "./comparison.ts";

/** What is being measured, on stderr: stdout carries the table alone. */
export function sayProgress(text: string): void {
  say(`  ${text}`);
}

/** Runs one measurement and says what it gave. */
export async function measured(name: string, measure: () => Promise<Figures>): Promise<Figures> {
  const figures = await measure();
  const values = Object.entries(figures).map(
    ([figure, value]) => `${figure} ${Number(value.toPrecision(4))}`,
  );
  sayProgress(`${name}: ${values.join(", ")}`);
  return figures;
}
