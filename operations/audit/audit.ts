import { UserError } from "../../lib/errors.ts";
import { TYPE } from "../../lib/pulumi/types.ts";
import { endpointIn, resourcesOf, type Deployment } from "../../lib/pulumi/deployment.ts";
import { membersAccess } from "../switchover/manualSwitchover.ts";
import type { KnownStack } from "../stackOutputs.ts";
import type { Finding, Verdict } from "./control.ts";
import { CONTROLS } from "./controls.ts";
import { dockerFacts, type Placed } from "./dockerFacts.ts";
import type { AuditedMember, Facts } from "./facts.ts";
import { fileFacts, serverFacts } from "./memberFacts.ts";

/** Thrown when no audit can be made. Its message is for the person at the terminal, and holds no secret. */
export class NoAudit extends UserError {}

/** What `--json` writes. */
export interface AuditReport {
  version: 1;
  /** ISO 8601, UTC. */
  generatedAt: string;
  stack: string;
  counts: Record<Verdict, number>;
  findings: Finding[];
}

/**
 * Holds a running stack against all controls. It only reads: `docker inspect`, `docker exec` of a fixed script as the
 * container's own user, one statement for each member as the superuser.
 *
 * @param stack     the process trusts its authority already
 * @throws NoAudit  when a part of the stack cannot be looked at: what was not seen must not pass
 */
export async function auditStack({ outputs, deployment }: KnownStack): Promise<Finding[]> {
  return findingsOf(await collectFacts(outputs.writer.database, deployment));
}

export function findingsOf(facts: Facts): Finding[] {
  return CONTROLS.map(({ id, title, benchmark, check }) => ({ benchmark, id, title, ...check(facts) }));
}

export function auditReport(stack: string, findings: Finding[], now = new Date()): AuditReport {
  const of = (result: Verdict) => findings.filter((finding) => finding.result === result).length;
  const counts = { pass: of("pass"), fail: of("fail"), "not applicable": of("not applicable") };
  return { version: 1, generatedAt: now.toISOString(), stack, counts, findings };
}

async function collectFacts(database: string, deployment: Deployment): Promise<Facts> {
  const placed = placedIn(deployment);
  const access = membersAccess(deployment);
  if (placed.length === 0 || access === undefined)
    throw new NoAudit("The stack has no containers yet: finish its update first.");
  const { engines, containers } = await dockerFacts(placed).catch(noAudit);
  const members: AuditedMember[] = [];
  for (const [name, address] of Object.entries(access.members)) {
    const at = containers.find((one) => one.name.endsWith(`-${name}`));
    if (at === undefined) throw new NoAudit(`Member ${name} has no container.`);
    const server = await serverFacts(address, database).catch((error: unknown) => noAudit(error, name));
    const files = await fileFacts(at.engine.name, at.name, server.settings).catch(noAudit);
    members.push({ name, ...server, files });
  }
  return { engines, containers, members };
}

function placedIn(deployment: Deployment): Placed[] {
  return resourcesOf(deployment, TYPE.container).flatMap((resource) => {
    const docker = endpointIn(deployment, resource);
    const name = resource.inputs?.["name"];
    return docker !== undefined && typeof name === "string" ? [{ docker, name }] : [];
  });
}

function noAudit(error: unknown, member?: string): never {
  const message = error instanceof Error && error.message !== "" ? error.message : String(error);
  throw new NoAudit(`${member === undefined ? "" : `${member}: `}${message}. Is the stack up?`);
}
