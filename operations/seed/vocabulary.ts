// Words of a governance system. Addresses are of the networks and domains that are set aside for examples (RFC 5737, RFC 2606).
import { Choice } from "./distribution.ts";
import type { Random } from "./random.ts";

export const FIRST_NAMES = [
  ...[
    "amara",
    "anders",
    "aoife",
    "bao",
    "beatriz",
    "bilal",
    "carmen",
    "chidi",
    "dagny",
    "deepa",
    "elif",
    "emeka",
  ],
  ...["farah", "felix", "gita", "goran", "hana", "hugo", "ines", "ivan", "jamila", "jonas", "kaito", "katya"],
  ...[
    "lars",
    "leila",
    "mateo",
    "mei",
    "milan",
    "nadia",
    "nils",
    "oksana",
    "omar",
    "paula",
    "quentin",
    "ravi",
  ],
  ...["rosa", "samir", "sofia", "tariq", "uma", "viktor", "wanjiru", "xenia", "yusuf", "zofia"],
];
export const LAST_NAMES = [
  ...[
    "abara",
    "almeida",
    "andersen",
    "bakker",
    "banerjee",
    "berger",
    "castro",
    "chen",
    "costa",
    "demir",
    "diallo",
  ],
  ...[
    "eriksen",
    "farouk",
    "fischer",
    "garcia",
    "gruber",
    "haddad",
    "hansen",
    "ibrahim",
    "ito",
    "jansen",
    "kaya",
  ],
  ...[
    "keller",
    "kovacs",
    "larsen",
    "lopez",
    "mbeki",
    "moreau",
    "nakamura",
    "novak",
    "okafor",
    "olsen",
    "patel",
  ],
  ...[
    "petrov",
    "quist",
    "rossi",
    "sato",
    "schmid",
    "silva",
    "tanaka",
    "torres",
    "ueda",
    "varga",
    "weber",
    "yilmaz",
  ],
];

/** The services by their logins' names. */
export const SERVICES = ["auth", "ac", "integrity", "fv", "gs", "pgc", "ec", "dgm"].map(
  (s) => `${s}_service`,
);
/** How busy they are (requirements: rows a day). */
export const SERVICE_TRAFFIC = new Choice({
  pgc_service: 44,
  auth_service: 22,
  integrity_service: 10,
  ec_service: 8,
  gs_service: 6,
  dgm_service: 4,
  ac_service: 4,
  fv_service: 2,
});

export const RESOURCES = [
  ...["policy", "principle", "rule", "decision", "audit_log", "user"],
  ...["role", "certificate", "verification", "synthesis", "workflow", "configuration"],
];
export const ACTIONS = ["read", "create", "update", "delete", "approve", "enforce", "verify", "export"];
/** How often each kind of resource is acted on. */
export const RESOURCE_TRAFFIC = new Choice({
  policy: 38,
  decision: 22,
  principle: 9,
  rule: 8,
  verification: 6,
  synthesis: 5,
  user: 5,
  workflow: 3,
  configuration: 2,
  role: 1,
  certificate: 1,
});

export const CATEGORIES = [
  ...["access_control", "privacy", "safety", "fairness", "transparency", "accountability"],
  ...["data_retention", "human_oversight", "security", "resource_use"],
];
export const RISK = new Choice({ low: 40, medium: 42, high: 14, critical: 4 });
export const SEVERITY = new Choice({ low: 30, medium: 45, high: 20, critical: 5 });
export const METHOD = new Choice({ automated: 90, hybrid: 7, manual: 3 });

/** Providers and models that do not exist. */
export const MODELS = ["atlas-large-2", "atlas-small-2", "meridian-70b", "meridian-8b", "orion-reason-1"];
/** How often each model is called. */
export const MODEL_USE = new Choice({
  "atlas-large-2": 45,
  "meridian-70b": 25,
  "atlas-small-2": 15,
  "orion-reason-1": 10,
  "meridian-8b": 5,
});

export const USER_AGENTS = [
  "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
  "acgs-cli/2.4.1",
  "acgs-sdk-python/1.9.0",
  "acgs-sdk-typescript/1.7.3",
];

const NETWORKS = ["192.0.2.", "198.51.100.", "203.0.113."];

/** An address of the networks for documentation (RFC 5737). */
export function address(random: Random): string {
  return random.pick(NETWORKS) + random.between(1, 254);
}

/** A score in hundredths: most of what is assessed complies, few fall far below. */
export function compliance(random: Random): number {
  const value = random.chance(0.06) ? 0.3 + 0.5 * random.unit() : 0.92 + 0.05 * random.normal();
  return Math.min(100, Math.round(value * 100)) / 100;
}

/** The level that a score stands for. */
export function complianceLevel(value: number): string {
  if (value < 0.5) return "critical";
  if (value < 0.75) return "violation";
  if (value < 0.85) return "warning";
  return value < 0.97 ? "compliant" : "exemplary";
}

/** `access_control policy` as `Access Control Policy`. */
export function titleCase(words: string): string {
  return words.replaceAll(
    /(^|[ _.-])([a-z])/g,
    (_, gap: string, letter: string) => (gap && " ") + letter.toUpperCase(),
  );
}
