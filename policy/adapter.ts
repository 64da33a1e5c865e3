// Between the rules, which are plain functions, and the SDK that the engine asks.
import {
  type ResourceValidationPolicy,
  type StackValidationPolicy,
  type PolicyResource,
  type ResourceValidationArgs,
} from "@pulumi/policy";
import type { Resource, ResourceRule, StackRule } from "./rule.ts";
import { type Args, officiallyNamed, UNKNOWN } from "./values.ts";

/** A rule over one resource as the SDK takes it. */
export function resourcePolicy(rule: ResourceRule): ResourceValidationPolicy {
  const validate: ResourceValidationPolicy["validateResource"] = (seen, report) => {
    if (!rule.types.includes(seen.type)) return;
    const resource = resourceOf(seen);
    for (const fault of rule.faults(resource)) report(message(rule, fault, resource.name));
  };
  return {
    ...notes(rule),
    // The SDK leaves other types out by this mark, as it does for its own helpers, before it has read their inputs.
    validateResource:
      rule.types.length === 1 ? Object.assign(validate, { __pulumiType: rule.types[0] }) : validate,
  };
}

/** A rule over the whole stack as the SDK takes it. */
export function stackPolicy(rule: StackRule): StackValidationPolicy {
  return {
    ...notes(rule),
    validateStack: ({ resources }, report) => {
      const urns = new Map(resources.map((seen) => [resourceOf(seen), seen.urn]));
      for (const { resource, fault } of rule.stackFaults([...urns.keys()])) {
        report(message(rule, fault, resource?.name), resource && urns.get(resource));
      }
    },
  };
}

function notes({ name, description, remedy }: ResourceRule | StackRule) {
  return { name, description, remediationSteps: remedy, enforcementLevel: "mandatory" as const };
}

/** Pulumi itself puts the rule's name and description before it. */
function message(rule: ResourceRule | StackRule, fault: string, resource = "the stack"): string {
  return `${resource} ${fault}.\nRemedy (rule ${rule.name}): ${rule.remedy}.`;
}

/** Its inputs are copied only when a rule asks for them: of all resources of a stack, most rules look at a few. */
function resourceOf({ type, name, props, opts }: ResourceValidationArgs | PolicyResource): Resource {
  let args: Args | undefined;
  return {
    type,
    name,
    isProtected: opts.protect,
    get args() {
      return (args ??= officiallyNamed(plain(props) as Args));
    },
  };
}

/** A copy without the SDK's proxies, which throw where a value is not known: see {@link UNKNOWN}. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Array.from(value.keys(), (i) => readable(value, i));
  return Object.fromEntries(Object.keys(value).map((key) => [key, readable(value, key)]));
}

function readable(holder: object, key: PropertyKey): unknown {
  try {
    return plain(Reflect.get(holder, key));
  } catch (error) {
    if (error instanceof Error && "unknownTypeSentinel" in error) return UNKNOWN;
    throw error;
  }
}
