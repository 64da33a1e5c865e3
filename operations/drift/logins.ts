import pg from "pg";
import { deployerStatements, isDeployer } from "../../components/roles/deployerLogin.ts";
import { DEPLOYER } from "../../lib/names.ts";
import { ROLES } from "../../components/roles/roles.ts";
import { inSession } from "../../lib/postgres/session.ts";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import type { Drift } from "./driftReport.ts";

/** A login of the stack that differs in what only the superuser sees or sets back. */
export interface ChangedLogin {
  login: string;
  /** As the stack has it; undefined for a role without a password. */
  verifier: string | undefined;
  /** It may be more than a login: the provider finds that, too, and may not take it back. */
  isMighty: boolean;
  hasOtherPassword: boolean;
  /** Of {@link DEPLOYER} alone: it cannot do its work. */
  isUnfit: boolean;
}

type Members = Readonly<Record<string, ContainerAddress>>;

/** A role as `pg_authid` has it. */
interface Row {
  name: string;
  verifier: string | null;
  mighty: boolean;
  fit: boolean;
}

const QUERY = `
  SELECT rolname AS name, rolpassword AS verifier, rolsuper OR rolbypassrls OR rolreplication AS mighty, ${isDeployer} AS fit
  FROM pg_authid WHERE rolname = ANY ($1)`;

/**
 * @param members    that run: one of them is the primary
 * @param verifiers  of the stack's logins, by login; {@link DEPLOYER} is looked at where it is among them
 */
export async function readLogins(
  members: Members,
  verifiers: Readonly<Record<string, string>>,
): Promise<ChangedLogin[]> {
  const own = [...Object.keys(ROLES), ...(DEPLOYER in verifiers ? [DEPLOYER] : [])];
  const rows = await onPrimary(members, async (client) => (await client.query<Row>(QUERY, [own])).rows);
  return changedLogins(own, rows, verifiers);
}

/** A role that is not there is left to the provider, but for the one by which the provider logs in. */
export function changedLogins(
  own: readonly string[],
  rows: readonly Row[],
  verifiers: Readonly<Record<string, string>>,
): ChangedLogin[] {
  return own.flatMap((login) => {
    const row = rows.find(({ name }) => name === login);
    if (row === undefined && login !== DEPLOYER) return [];
    const verifier = verifiers[login];
    const one = {
      ...{ login, verifier },
      isMighty: row?.mighty ?? false,
      hasOtherPassword: row !== undefined && verifier !== undefined && row.verifier !== verifier,
      isUnfit: login === DEPLOYER && row?.fit !== true,
    };
    return one.isMighty || one.hasOtherPassword || one.isUnfit ? [one] : [];
  });
}

/** Leaves out what the provider reports. */
export function driftOfLogins(changed: readonly ChangedLogin[]): Drift[] {
  return changed
    .filter(({ hasOtherPassword, isUnfit }) => hasOtherPassword || isUnfit)
    .map(({ login, isUnfit }) => ({
      what: `login ${login}`,
      is: isUnfit ? "gone or without its rights" : "with another password",
      should: "as the stack made it",
      remedy: "up sets it back",
      repaired: true,
    }));
}

/** Sets them back over the local socket; the provider goes on from there. */
export async function restoreLogins(members: Members, changed: readonly ChangedLogin[]): Promise<void> {
  if (changed.length === 0) return;
  await onPrimary(members, async (client) => {
    for (const one of changed) for (const statement of statementsFor(one)) await client.query(statement);
  });
}

function statementsFor({ login, verifier, hasOtherPassword }: ChangedLogin): string[] {
  if (login === DEPLOYER) return deployerStatements({ login, verifier: verifier! });
  const name = pg.escapeIdentifier(login);
  return [
    `ALTER ROLE ${name} NOSUPERUSER NOBYPASSRLS NOREPLICATION`,
    ...(hasOtherPassword ? [`ALTER ROLE ${name} PASSWORD ${pg.escapeLiteral(verifier!)}`] : []),
  ];
}

/** A session as the superuser on whichever member is the primary. */
export function onPrimary<T>(
  members: Members,
  act: (client: pg.Client) => Promise<T>,
  database = "postgres",
): Promise<T> {
  return inSession({ database, members }, act, { applicationName: "acgs-db drift" });
}
