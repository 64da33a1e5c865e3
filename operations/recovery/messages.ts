import { TYPE } from "../../lib/pulumi/types.ts";
import { endpointIn, nameOf } from "../../lib/pulumi/deployment.ts";
import type { Deployment, PendingOperation } from "../../lib/pulumi/deployment.ts";

/** What was under way when a run ended, in one line. */
export function interruption(stack: string, operations: readonly PendingOperation[]): string {
  const shown = operations.slice(0, 6).map(({ type, resource }) => `${type} ${nameOf(resource.urn)}`);
  const more = operations.length > shown.length ? ` and ${operations.length - shown.length} more` : "";
  return `› stack ${stack}: an earlier run was interrupted while ${shown.join(", ")}${more}`;
}

/** What to do about an interrupted run whose state is in a backend of the operator's. */
export function interruptedElsewhere(stack: string, deployment: Deployment): string {
  const operations = deployment.pending_operations ?? [];
  const flag = `--stack ${stack}`;
  const byHand = operations.flatMap((operation) => commandsFor(deployment, operation));
  return [
    `${interruption(stack, operations).slice(2)}, or is still under way.`,
    "If nobody is running it any more:",
    `  npm run pulumi -- cancel ${flag} --yes`,
    ...byHand.map((line) => `  ${line}`),
    `  npm run pulumi -- refresh ${flag} --yes --clear-pending-creates`,
    `  npm run up -- ${stack}`,
  ].join("\n");
}

/** Commands that remove what may have been made and was not noted down. Volumes hold the data, and stay. */
function commandsFor(deployment: Deployment, { type, resource }: PendingOperation): string[] {
  if (type !== "creating") return [];
  const name = typeof resource.inputs?.["name"] === "string" ? resource.inputs["name"] : nameOf(resource.urn);
  if (resource.type === TYPE.container) {
    const host = endpointIn(deployment, resource);
    return [
      `docker ${host ? `--host ${host} ` : ""}rm --force ${name}   # if it is there; its data is in a volume`,
    ];
  }
  if (resource.type === TYPE.role) return [`DROP TYPE.role ${name};   # as postgres, if it is there`];
  if (resource.type === TYPE.database)
    return [`DROP DATABASE ${name};   # as postgres, if it is there and empty`];
  return [];
}
