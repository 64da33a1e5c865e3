import type { SeedQuery, ServiceQuery } from "../plans/seedQuery.ts";
import { acQueries } from "./ac.ts";
import { authQueries } from "./auth.ts";
import { dgmQueries } from "./dgm.ts";
import { ecQueries } from "./ec.ts";
import { fvQueries } from "./fv.ts";
import { gsQueries } from "./gs.ts";
import { integrityQueries } from "./integrity.ts";
import { pgcQueries } from "./pgc.ts";

const QUERIES: Record<string, ServiceQuery[]> = {
  auth: authQueries,
  ac: acQueries,
  integrity: integrityQueries,
  fv: fvQueries,
  gs: gsQueries,
  pgc: pgcQueries,
  ec: ecQueries,
  dgm: dgmQueries,
};

/** The queries of the requirements, by schema, in the order in which the pages show them. */
export const SEED_QUERIES: readonly SeedQuery[] = Object.entries(QUERIES).flatMap(([schema, queries]) =>
  queries.map((query) => ({ schema, ...query })),
);
