import type { ConfigIssue } from "./configIssue.ts";
import type { ConfigurationValues } from "./schema.ts";

/**
 * The configuration of a stack with all defaults filled in. It holds no secret: passwords stay outputs, see
 * `readConfiguration`; here is only for which accounts the operator set one.
 */
export interface StackConfiguration extends Omit<ConfigurationValues, "passwords" | "certificateAuthority"> {
  prefix: string;
  /** The accounts whose password the operator chose, sorted. */
  ownPasswords: readonly string[];
  /** All parameters of the cluster as PostgreSQL shows them, the operator's own among them. */
  parameters: Readonly<Record<string, string>>;
  /** What the configuration may cost that is no fault: the preview shows it. */
  warnings: readonly string[];
}

/** A rule about a configuration whose single values are fine. */
export interface Check {
  /** The keys it looks at, such as `postgres.members`: it is left out where one of them is at fault already. */
  readonly reads: readonly string[];
  readonly faults: (configuration: StackConfiguration) => readonly ConfigIssue[];
}

/** A check without `reads` runs only where no single value is at fault. */
export type ExtraCheck = Check | Check["faults"];
