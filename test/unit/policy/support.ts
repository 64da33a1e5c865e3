import { TYPE } from "../../../lib/pulumi/types.ts";
import type { Resource, ResourceRule, StackRule } from "../../../policy/rule.ts";
import { RESOURCE_RULES, STACK_RULES } from "../../../policy/rules/index.ts";
import type { Args } from "../../../policy/values.ts";

/** A container that keeps every rule. */
export const GOOD: Args = {
  hostname: "redis-1",
  image: `sha256:${"a".repeat(64)}`,
  user: "999:999",
  memory: 256,
  memorySwap: 256,
  cpuShares: 1024,
  ulimits: [{ name: "nproc", soft: 512, hard: 512 }],
  stopTimeout: 10,
  destroyGraceSeconds: 10,
  healthcheck: { tests: ["CMD", "healthcheck"] },
  restart: "unless-stopped",
  readOnly: true,
  capabilities: { drops: ["ALL"] },
  securityOpts: ["no-new-privileges:true"],
  ports: [{ internal: 6379, external: 6379, ip: "127.0.0.1" }],
  volumes: [{ containerPath: "/var/lib/redis", volumeName: "acgs-dev-redis-1-data" }],
};

export function resource(type: string, args: Args, name = "redis-1", isProtected = false): Resource {
  return { type, name, args, isProtected };
}

/** {@link GOOD} with some inputs changed; `undefined` takes one out. */
export function container(change: Args = {}, name = "redis-1"): Resource {
  const args = Object.entries({ ...GOOD, hostname: name, ...change }).filter(
    ([, value]) => value !== undefined,
  );
  return resource(TYPE.container, Object.fromEntries(args), name);
}

/** The rule of a name, over one resource. */
export function resourceRule(name: string): ResourceRule {
  const rule = RESOURCE_RULES.find((one) => one.name === name);
  if (!rule) throw new Error(`There is no rule ${name} over one resource.`);
  return rule;
}

/** The faults that a rule over the whole stack finds, as `resource fault`. */
export function stackFaults(name: string, stack: readonly Resource[]): string[] {
  const rule: StackRule | undefined = STACK_RULES.find((one) => one.name === name);
  if (!rule) throw new Error(`There is no rule ${name} over the whole stack.`);
  return rule.stackFaults(stack).map(({ resource: one, fault }) => `${one?.name ?? "the stack"} ${fault}`);
}

/** What a stack notes of itself. */
export function foundation(args: Args = {}): Resource {
  return resource(
    TYPE.stackGuard,
    { environment: "production", binds: ["127.0.0.1"], data: {}, ...args },
    "stack-guard",
  );
}
