import type pg from "pg";
import { DATABASE } from "../../lib/names.ts";
import { Patroni } from "../../components/postgres/patroniClient.ts";
import { readSecrets } from "../../lib/pulumi/state.ts";
import { stackAccess } from "../stackAccess.ts";
import { driftOfRoles, readRoleFacts, type RoleDrift } from "./databaseRoles.ts";
import { onPrimary, restoreLogins } from "./logins.ts";
import { release } from "./pgbouncer.ts";
import { resetOverruled } from "./serverSettings.ts";
import { UserError, messageOf } from "../../lib/errors.ts";
import { projectDir } from "../../lib/paths.ts";
import { capture } from "../../lib/process.ts";
import { say } from "../../lib/progress.ts";
import { nothingMissing, TimedOut, waitFor } from "../../lib/wait.ts";
import type { PulumiTool } from "../../lib/pulumi/tool.ts";
import type { StackContext } from "../../lib/pulumi/stackContext.ts";
import { stoppedContainers, type DockerResource } from "../recovery/containers.ts";
import { kindOfData } from "../../lib/parts.ts";
import { prefixOf, type Deployment } from "../../lib/pulumi/deployment.ts";
import { DOCKER_TYPES, TYPE } from "../../lib/pulumi/types.ts";
import type { Findings } from "./detect.ts";
import { lookAtEngine, startContainer } from "../recovery/engine.ts";
import { removeFromState } from "../recovery/recover.ts";

/** Redis loads its data, PostgreSQL recovers. In ms. */
const HEALTHY_WITHIN = 180_000;

/**
 * Makes the containers of the state run, as far as they are there: what is gone is taken out of the state, so that the
 * update that follows makes it again, and shows it.
 *
 * @throws Fault when every copy of the data is gone
 */
export async function repairContainers(
  tool: PulumiTool,
  context: StackContext,
  deployment: Deployment,
  docker: readonly DockerResource[],
): Promise<void> {
  const gone = docker.filter(({ there }) => !there);
  const data = docker.filter(({ kind, name }) => kind === "volume" && kindOfData(name) === "postgres");
  if (data.length > 0 && data.every(({ there }) => !there)) {
    throw new UserError(
      `Every volume with PostgreSQL's data is gone (${data.map(({ name }) => name).join(", ")}): an update would bring up an ` +
        `empty database in its place. Bring a volume back; or, to begin anew, npm run destroy -- ${context.stack} first.`,
    );
  }
  if (gone.length > 0) await removeFromState(tool, context, gone);
  const stopped = stoppedContainers(docker);
  await Promise.all(stopped.map(({ endpoint, seen }) => startContainer(endpoint, seen!)));
  if (stopped.length > 0) await untilHealthy(deployment, stopped);
}

/** What a refresh would read from containers that have just been started must not be taken for drift. */
async function untilHealthy(deployment: Deployment, containers: readonly DockerResource[]): Promise<void> {
  const prefix = prefixOf(deployment)!;
  const look = async () => {
    const unhealthy: string[] = [];
    for (const endpoint of new Set(containers.map((one) => one.endpoint))) {
      const { containers: now } = await lookAtEngine(endpoint, prefix);
      for (const { name, resource } of containers.filter((one) => one.endpoint === endpoint)) {
        const status = now.find(({ id }) => id === resource.id)?.status ?? "";
        if (/health: starting|unhealthy|^Exited|^Restarting/.test(status))
          unhealthy.push(`${name} (${status})`);
      }
    }
    return nothingMissing(unhealthy.join(", ") || undefined);
  };
  const limits = { within: HEALTHY_WITHIN, every: 500, what: "containers that were started to be healthy" };
  await waitFor(look, limits).catch((error: unknown) => {
    if (!(error instanceof TimedOut)) throw error;
    say(`  ${error.message}; going on`);
  });
}

/**
 * Mends what is otherwise than the stack has it, apart from containers: what resources stand for is noted in the state, so
 * that the update that follows sets it back, and shows it; the rest is set back here.
 */
export async function repairDrift(
  tool: PulumiTool,
  context: StackContext,
  { access, overruled, logins, roles, held, patroniPaused, drift }: Findings,
): Promise<void> {
  const { postgres, poolers } = access;
  if (patroniPaused && postgres) {
    const patroni = new Patroni(postgres.members, postgres.restUser, postgres.restPasswords);
    await attempt("Patroni's pause", () => patroni.patch({ pause: null }));
  }
  for (const member of new Set(overruled.map((one) => one.member))) {
    const names = overruled.filter((one) => one.member === member).map(({ name }) => name);
    await attempt(`ALTER SYSTEM on ${member}`, () => resetOverruled(postgres!.members[member]!, names));
  }
  if (postgres) await attempt("logins", () => restoreLogins(postgres.members, logins));
  if (postgres && roles.some(({ repaired }) => repaired))
    await attempt("roles", () => onPrimary(postgres.members, (client) => setBack(client, roles), DATABASE));
  for (const pooler of new Set(held.map((one) => one.pooler))) {
    const pools = held.filter((one) => one.pooler === pooler);
    await attempt(`PgBouncer ${pooler}`, () =>
      release(poolers!.instances[pooler]!, poolers!.passwords, pools),
    );
  }
  const urns = new Set(
    drift.flatMap(({ urn }) => (urn !== undefined && !urn.includes(DOCKER_TYPES) ? [urn] : [])),
  );
  if (urns.size > 0) await refresh(tool, context, [...urns]);
}

async function attempt(what: string, mend: () => Promise<void>): Promise<void> {
  try {
    await mend();
  } catch (error) {
    say(`  ${what} could not be mended: ${messageOf(error)}`);
  }
}

async function setBack(client: pg.Client, roles: readonly RoleDrift[]): Promise<void> {
  for (const { what, statements } of roles)
    await attempt(what, async () => {
      for (const statement of statements) await client.query(statement);
    });
}

/** Whether roles were gone: the update makes them again. */
export function areRolesGone({ drift }: Pick<Findings, "drift">): boolean {
  return drift.some(({ is, urn }) => is === "gone" && urn?.includes(TYPE.role));
}

/**
 * After an update that made roles again: gives them the settings that come from SQL files, which run only when they change.
 *
 * @throws where the primary does not answer
 */
export async function restoreRoleSettings(tool: PulumiTool, context: StackContext): Promise<void> {
  const { postgres } = stackAccess(await readSecrets(tool, context));
  if (!postgres) return;
  const act = async (client: pg.Client) => setBack(client, driftOfRoles(await readRoleFacts(client)));
  await onPrimary(postgres.members, act, DATABASE);
}

/** Notes in the state how resources are now. */
async function refresh(tool: PulumiTool, { stack, env }: StackContext, urns: string[]): Promise<void> {
  const targets = urns.flatMap((urn) => ["--target", urn]);
  const args = ["refresh", "--stack", stack, "--yes", "--skip-preview", "--non-interactive", ...targets];
  const done = await capture(tool.command, args, { cwd: projectDir, env });
  if (done.status !== 0)
    throw new UserError(
      `What was found could not be noted in the state:\n${(done.stderr || done.stdout).trim()}`,
    );
}
