import { TYPE } from "../lib/pulumi/types.ts";
import type { Resource } from "./rule.ts";

/** What a stack was made with, as its guard notes it. */
export function foundationOf(stack: readonly Resource[]): Resource | undefined {
  return stack.find(({ type }) => type === TYPE.stackGuard);
}

/**
 * Whether the rules of production hold for a stack. They do unless its configuration says otherwise
 * (`acgs-db:environment: development`), which its guard hands on.
 */
export function isProduction(stack: readonly Resource[]): boolean {
  return foundationOf(stack)?.args["environment"] !== "development";
}

/** The containers of one kind, such as `etcd`: those whose name on the network is the kind with a number. */
export function membersOf(stack: readonly Resource[], kind: string): Resource[] {
  const alias = new RegExp(`^${kind}-\\d+$`);
  return stack.filter(({ type, args }) => type === TYPE.container && alias.test(String(args["hostname"])));
}
