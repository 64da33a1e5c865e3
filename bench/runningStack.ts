import type { StackOutputs } from "../components/stack/outputs.ts";

/** A stack that is up, as measurements reach it. */
export interface RunningStack {
  readonly prefix: string;
  outputs(): Promise<StackOutputs>;
  container(alias: string): string;
}
