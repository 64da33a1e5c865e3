import { PolicyPack } from "@pulumi/policy";
import { resourcePolicy, stackPolicy } from "./adapter.ts";
import { RESOURCE_RULES, STACK_RULES } from "./rules/index.ts";

new PolicyPack("acgs-db", {
  policies: [...RESOURCE_RULES.map(resourcePolicy), ...STACK_RULES.map(stackPolicy)],
});
