import { code } from "./markdown.ts";

/** What each schema is for. */
const TITLES: Readonly<Record<string, string>> = {
  auth: "Authentication",
  ac: "Constitutional AI",
  integrity: "Integrity",
  fv: "Formal verification",
  gs: "Governance synthesis",
  pgc: "Policy governance",
  ec: "Evolutionary computation",
  dgm: "Darwin Gödel Machine",
  platform: "What all schemas share",
};

/** ``Integrity: schema `integrity` ``. */
export function title(schema: string): string {
  return `${TITLES[schema] ?? schema}: schema ${code(schema)}`;
}
