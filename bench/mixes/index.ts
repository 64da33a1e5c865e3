import { ac } from "./ac.ts";
import { auth } from "./auth.ts";
import { gs } from "./gs.ts";
import { integrity } from "./integrity.ts";
import type { Mix } from "./mix.ts";
import { pgc } from "./pgc.ts";

export type { Mix } from "./mix.ts";

/** The mixes with so many rows in all their tables together, nearly. */
export function mixes(rows: number): Mix[] {
  return [auth, ac, integrity, gs, pgc].map((mix) => mix(rows));
}
