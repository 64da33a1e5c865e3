import type { Args } from "./values.ts";

/** A resource as a rule sees it. */
export interface Resource {
  readonly type: string;
  /** Its name in the program, such as `postgres-1`. */
  readonly name: string;
  /** What it is given; in a rule over the whole stack also what came of it. Secrets are in plain: see {@link Rule}. */
  readonly args: Args;
  /** Whether the engine refuses to delete or replace it. */
  readonly isProtected: boolean;
}

/**
 * What all rules have. Each is mandatory: a stack that breaks one is refused.
 *
 * What a rule says of a fault may name properties, accounts and addresses, never a value that could be secret.
 */
interface Rule {
  /** Lower-case words with hyphens, which the refusal shows. */
  readonly name: string;
  /** One sentence: what holds in a stack that keeps the rule. */
  readonly description: string;
  /** What to do about a fault. */
  readonly remedy: string;
}

/** A rule that a single resource keeps or breaks. It is checked before the resource is created or changed. */
export interface ResourceRule extends Rule {
  /** The types that it looks at. */
  readonly types: readonly string[];
  /** What is wrong with the resource, in words that follow its name; nothing where the rule is kept. */
  readonly faults: (resource: Resource) => readonly string[];
}

/** A fault of a stack, and the resource to which it is put down, where there is one. */
export interface StackFault {
  readonly resource?: Resource;
  readonly fault: string;
}

/**
 * A rule over several resources. The engine checks it when all are known: at the end of a preview, before anything is
 * done, and once more at the end of an update.
 */
export interface StackRule extends Rule {
  readonly stackFaults: (stack: readonly Resource[]) => readonly StackFault[];
}
