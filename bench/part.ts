import type { Comparison } from "./comparison.ts";
import type { DevStack } from "./devStack.ts";
import type { BenchOptions } from "./options.ts";
import type { Workspace } from "./workspace.ts";

export interface PartContext {
  workspace: Workspace;
  /** Not up unless a part has brought it up: see `ensureUp`. */
  stack: DevStack;
  options: BenchOptions;
}

/** Measures one thing. What it leaves on the engine is removed when the run ends. */
export type Part = (context: PartContext) => Promise<{ comparisons: Comparison[]; notes: string[] }>;
