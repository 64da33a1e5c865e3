import {
  APPLICATION_LOGIN,
  CLIENT_GROUP,
  LOGIN_ACCOUNTS,
  MONITOR_LOGIN,
  OWNER,
  PGBOUNCER_LOGIN,
  READER_GROUP,
  READONLY_LOGIN,
  SERVICES,
  rotationLogin,
  UPKEEP_ROLE,
  WRITER_GROUP,
} from "../../lib/names.ts";

/** What a role is made with; the names are those of the provider of PostgreSQL. */
export interface StackRole {
  login: boolean;
  /** In ms. */
  statementTimeout?: number;
  /** In ms. */
  idleInTransactionSessionTimeout?: number;
  /** Those that it is a member of. */
  roles?: string[];
}

/** Times in ms: a login that hangs must not hold the connections and locks of the others. */
const STATEMENT_TIMEOUT_MS = 30_000;
const IDLE_IN_TRANSACTION_MS = 60_000;
/** Shorter than a statement's: who waits so long for a lock waits for a transaction that was forgotten. */
const LOCK_TIMEOUT_MS = 10_000;

const CLIENT: StackRole = {
  login: true,
  statementTimeout: STATEMENT_TIMEOUT_MS,
  idleInTransactionSessionTimeout: IDLE_IN_TRANSACTION_MS,
};
const GROUP: StackRole = { login: false };

/**
 * The roles of the stack by name; those that log in get a password, second logins once it is rotated. Groups come before
 * their members.
 */
export const ROLES: Readonly<Record<string, StackRole>> = {
  [OWNER]: GROUP,
  [CLIENT_GROUP]: GROUP,
  [READER_GROUP]: GROUP,
  [WRITER_GROUP]: GROUP,
  [APPLICATION_LOGIN]: { ...CLIENT, roles: [CLIENT_GROUP, WRITER_GROUP] },
  ...Object.fromEntries(SERVICES.map(({ login }) => [login, { ...CLIENT, roles: [CLIENT_GROUP] }])),
  [READONLY_LOGIN]: { ...CLIENT, roles: [CLIENT_GROUP, READER_GROUP] },
  [MONITOR_LOGIN]: { ...CLIENT, roles: [CLIENT_GROUP, READER_GROUP, "pg_monitor"] },
  [PGBOUNCER_LOGIN]: { ...CLIENT, roles: [CLIENT_GROUP] },
  ...Object.fromEntries(LOGIN_ACCOUNTS.map((login) => [rotationLogin(login), { ...CLIENT, roles: [login] }])),
};

/** The logins among {@link ROLES}. */
export const LOGINS: readonly string[] = Object.entries(ROLES).flatMap(([role, { login }]) =>
  login ? [role] : [],
);

/**
 * Settings of roles for which the provider of PostgreSQL has no argument, by role, as PostgreSQL writes them:
 * `sql/platform/R__privileges.sql` sets them. {@link UPKEEP_ROLE} is made in SQL, so all of its stand here.
 */
export const ROLE_SETTINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...Object.fromEntries(
    LOGINS.map((login) => [
      login,
      {
        lock_timeout: `${LOCK_TIMEOUT_MS / 1000}s`,
        // Their writes elsewhere than the audited tables are most of what there is. None of them may TRUNCATE, which
        // pgaudit sees by the class `write` alone. Other roles are logged as strictly as the server's parameters say.
        "pgaudit.log": "ddl,role",
      },
    ]),
  ),
  [UPKEEP_ROLE]: {
    // Nobody queues behind it for longer, and what cannot have its lock is tried again later.
    lock_timeout: "2s",
    // While a job runs, pg_cron 1.4 starts no other: this bounds how long.
    statement_timeout: "20min",
    // The I/O of VACUUM and ANALYZE: at most 80 MB of dirty pages or 800 MB of reads a second (twice autovacuum's).
    vacuum_cost_delay: "2ms",
    vacuum_cost_limit: "400",
  },
};

/** All settings of a role, as PostgreSQL keeps them: times of the provider's in ms, the others as they are written. */
export function settingsOf(role: string): Record<string, string> {
  const { statementTimeout, idleInTransactionSessionTimeout } = ROLES[role] ?? {};
  return {
    ...(statementTimeout !== undefined && { statement_timeout: String(statementTimeout) }),
    ...(idleInTransactionSessionTimeout !== undefined && {
      idle_in_transaction_session_timeout: String(idleInTransactionSessionTimeout),
    }),
    ...ROLE_SETTINGS[role],
  };
}

/** A login with all groups that it is a member of: what it may do is what one of these may. */
export function rolesOf(login: string): string[] {
  return [login, ...(ROLES[login]?.roles ?? []).flatMap(rolesOf)];
}
