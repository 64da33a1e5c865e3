import type { ResourceRule, StackRule } from "../rule.ts";
import { BOUNDS } from "./bounds.ts";
import { DATA_RULES } from "./data.ts";
import { IMAGE_RULES } from "./images.ts";
import { KNOWN_SECRETS } from "./knownSecrets.ts";
import { LOGIN_RULES } from "./logins.ts";
import { PLAINTEXT } from "./plaintext.ts";
import { PRIVILEGES } from "./privileges.ts";
import { PRODUCTION_RULES } from "./production.ts";
import { SECRETS } from "./secrets.ts";

/** Rules that concern one resource each. */
export const RESOURCE_RULES: readonly ResourceRule[] = [
  ...BOUNDS,
  ...PRIVILEGES,
  ...IMAGE_RULES,
  ...LOGIN_RULES,
  PLAINTEXT,
  SECRETS,
];

/** Rules over several resources. */
export const STACK_RULES: readonly StackRule[] = [KNOWN_SECRETS, ...DATA_RULES, ...PRODUCTION_RULES];
