import type { CacheKind } from "../stack/defaults.ts";
import { REDIS_LOGIN, SERVICES, type ServiceSchema } from "../../lib/names.ts";

/** What every service keeps for itself. */
const COMMON: readonly CacheKind[] = ["apiResponses", "staticConfiguration"];

/** The kinds of values that each service caches: the requirements' TTL policies, by who makes such values. */
const KINDS: Readonly<Record<ServiceSchema, readonly CacheKind[]>> = {
  auth: ["userSessions", "authTokens"],
  ac: ["complianceChecks", "governanceRules"],
  integrity: [],
  fv: ["complianceChecks"],
  gs: ["synthesisResults"],
  pgc: ["policyDecisions", "governanceRules"],
  ec: [],
  dgm: ["complianceChecks"],
};

/** A user of Redis that is an application or a service. */
export interface CacheUser {
  /** A service's is that of its login, and so is its password. */
  readonly name: string;
  /** With what the names of its keys and channels begin; empty for all. */
  readonly keyPrefix: string;
  /** The kinds of values that it caches, under its own prefix. */
  readonly kinds: readonly CacheKind[];
}

/**
 * One user for each service. The requirements name no cache that services share: who wants another's data asks that
 * service, so no prefix is readable by two.
 */
export const SERVICE_CACHE_USERS: readonly CacheUser[] = SERVICES.map(({ login, schema }) => ({
  name: login,
  keyPrefix: `${schema}:`,
  kinds: [...KINDS[schema], ...COMMON],
}));

/** All of them: first the application at large, which reads and writes every key. */
export const CACHE_USERS: readonly CacheUser[] = [
  { name: REDIS_LOGIN, keyPrefix: "", kinds: [...new Set([...Object.values(KINDS).flat(), ...COMMON])] },
  ...SERVICE_CACHE_USERS,
];
