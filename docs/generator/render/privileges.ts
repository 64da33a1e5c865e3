import { CACHE_USERS } from "../../../components/roles/cacheUsers.ts";
import {
  AUDITOR,
  DATABASE,
  PGBOUNCER_LOGIN,
  type ServiceSchema,
  SERVICE_SCHEMAS,
  ROTATION_LOGINS,
} from "../../../lib/names.ts";
import { LOGINS, ROLES, settingsOf } from "../../../components/roles/roles.ts";
import {
  KINDS,
  PARTIES,
  type Right,
  rightsOn,
  type TableEntry,
} from "../../../components/roles/privileges/tableClasses.ts";
import {
  AUDITED,
  BUILT_IN_CALLERS,
  CLOSED_BUILT_INS,
  EXTENSION_CALLERS,
  LANGUAGES,
  INTERNAL_PRIVILEGES,
  OTHER_DATABASES,
} from "../../../components/roles/privileges/internalRoles.ts";
import { SERVICE_PRIVILEGES } from "../../../components/roles/privileges/services.ts";
import { markdownTable } from "../../../lib/text/markdownTable.ts";
import { code } from "./markdown.ts";

/** docs/privileges.md, before Prettier has laid it out: the table of privileges for people. */
export function privilegesPage(): string {
  return [
    "# Who may do what",
    "",
    "<!-- Written by `npm run privileges` from components/roles/privileges. Do not edit. -->",
    "",
    ...INTRODUCTION,
    "",
    "## Logins",
    "",
    markdownTable(
      ["login", "member of", "settings of a session"],
      LOGINS.filter((login) => !ROTATION_LOGINS.includes(login)).map((login) => [
        code(login),
        (ROLES[login]!.roles ?? []).map(code).join(", "),
        limits(login),
      ]),
    ),
    "",
    ...LOGIN_NOTES,
    "",
    "## Kinds of tables",
    "",
    markdownTable(
      ["kind", "what it is", "its service", "`acgs_user`", "`acgs_readonly`, `acgs_monitor`"],
      Object.entries(KINDS).map(([kind, { meaning, rights }]) => [
        kind,
        meaning,
        ...PARTIES.map((party) => verbs(rights[party].map((verb) => ({ verb })))),
      ]),
    ),
    "",
    `\`${AUDITOR}\`, which nobody is or becomes, holds ${Object.entries(AUDITED)
      .map(([schema, audited]) => `${audited.join(", ")} on every table of ${code(schema)}`)
      .join(" and ")}: pgaudit logs what it holds ([audit](audit.md)).`,
    "",
    "Nobody has TRUNCATE, REFERENCES or TRIGGER on anything, and nobody anything on a partition: it is read and written by way of its table.",
    "",
    "## Schemas of the services",
    "",
    ...SERVICE_SCHEMAS.flatMap(schemaSection),
    "## What all schemas share, and internal accounts",
    "",
    ...Object.keys(INTERNAL_PRIVILEGES).flatMap(internalSection),
    "Extensions whose functions may all be called: " +
      Object.entries(EXTENSION_CALLERS)
        .map(([name, roles]) => `${code(name)} (${roles.map(code).join(", ")})`)
        .join(", ") +
      ". Functions of the others are closed but for those above.",
    "",
    "## Databases, languages, built-in functions",
    "",
    `- ${code(DATABASE)}: \`acgs_client\` may connect, nobody may make schemas or temporary tables.`,
    ...Object.entries(OTHER_DATABASES).map(
      ([name, roles]) =>
        `- ${code(name)}: ${roles.length > 0 ? `${roles.map(code).join(", ")} may connect.` : "nobody may connect."}`,
    ),
    ...Object.entries(LANGUAGES).map(
      ([name, roles]) => `- Functions and \`DO\` blocks in ${code(name)}: ${roles.map(code).join(", ")}.`,
    ),
    ...Object.entries(BUILT_IN_CALLERS).map(
      ([signature, roles]) =>
        `- Superusers' own, and callable by ${roles.map(code).join(", ")}: ${code(signature)}.`,
    ),
    `- Closed to everybody: ${CLOSED_BUILT_INS.map(code).join(", ")}, which leave large objects behind.`,
    "",
    "## Redis",
    "",
    markdownTable(
      ["user", "keys and channels", "kinds of values (TTL: `cache` among the outputs)"],
      CACHE_USERS.map(({ name, keyPrefix, kinds }) => [code(name), code(`${keyPrefix}*`), kinds.join(", ")]),
    ),
    "",
    ...REDIS_NOTES,
    "",
  ].join("\n");
}

const INTRODUCTION = [
  "What is not here is not allowed. One table in code (`components/roles/privileges`) says it, and everything comes from it: the grants (`sql/<schema>/R__privileges.sql`, which run after all other files of a schema, and again whenever one of them did), this page, and tests (`test/sql/roles`, `test/integration/redis/users.test.ts`) that try every login with every statement on every object, and every user of Redis with every command on every prefix, on real servers.",
  "",
  "- Default privileges give nobody anything. A new table, function, partition or extension is closed until the table names it; a test fails as long as a grant and the table differ.",
  "- No login owns anything, has an attribute of a role, may hand a privilege on, or may become another role, but for a second login, which may become its first. `acgs_owner` owns all and cannot log in.",
  "- To change it: edit `components/roles/privileges/services.ts` (or `internalRoles.ts`), run `npm run privileges`, commit what it wrote. The preview lists the files that will run.",
  "",
  "**What stays with `PUBLIC`**, and so with every login: the catalogues and built-in functions of PostgreSQL but those named below, because drivers, psql and the operators of every type are made of them; and the use of types, which reads and writes nothing. So every login sees names and definitions of all objects (not their rows), and the sizes of tables.",
  "",
  "**What privileges cannot hold**: a session may lift its own `statement_timeout`, `lock_timeout` and `idle_in_transaction_session_timeout`, and a login may change its own password and its own defaults (`ALTER ROLE` of oneself). They are there against accidents; connection limits, which a login cannot change, are there against more. Every login may take advisory locks and send `NOTIFY`.",
];

const LOGIN_NOTES = [
  `Each of them but \`${PGBOUNCER_LOGIN}\` has a second login, such as \`${ROTATION_LOGINS[0]!}\`, that holds its password in turn as it is rotated (\`secrets.rotation\`). It is a member of the first, may do what that one may, has the same settings and limits, and no rights of its own. Until the first rotation it has no password: nobody can connect as it.`,
  "",
  "`CONNECTION LIMIT` of each comes from the configuration of the pools (`components/roles/connectionLimits.ts`): the clients that its pool takes, never less than twice what PgBouncer opens, at most three quarters of `max_connections`. `acgs_monitor` sees statistics of all logins by way of `pg_monitor`, but nobody's rows beyond those of a reader. `acgs_upkeep`, as which pg_cron vacuums and rebuilds, has the owner's rights and no password: nobody can connect as it.",
];

const REDIS_NOTES = [
  "Each may run every command but those of the categories `admin` and `dangerous`, plus `INFO` and what a cluster client asks for (`CLUSTER SLOTS`, `SHARDS`, `NODES`, `INFO`, `MYID`, `KEYSLOT`). Services may not run `SCAN`, `RANDOMKEY`, `DBSIZE`, `PUBSUB`, `CLIENT TRACKING` and other `CLUSTER` commands either: they tell names of others' keys, which no prefix keeps back; nor `FUNCTION`, `SCRIPT FLUSH` and `SCRIPT KILL`, which change what all share. `PSUBSCRIBE` takes the whole prefix (`dgm:*`) and no narrower pattern.",
  "",
  "A service has one password for PostgreSQL and Redis; while it is rotated, its one user takes both that are valid. No prefix is readable by two services: [the requirements](requirements.md#redis) name no cache that services share. Administration is `admin`'s, of internal accounts; nodes are `peer` among each other and read no key.",
];

function schemaSection(schema: ServiceSchema): string[] {
  const { tables, functions } = SERVICE_PRIVILEGES[schema];
  const own = functions.filter(({ callers }) => callers.length === 1).map(({ signature }) => code(signature));
  const common = functions
    .filter(({ callers }) => callers.length > 1)
    .map(({ signature }) => code(signature));
  return [
    `### \`${schema}\``,
    "",
    markdownTable(
      ["table or view", "kind", `\`${schema}_service\``, "`acgs_user`", "readers"],
      Object.entries(tables).map(([name, entry]) => [
        code(name),
        entry.kind,
        ...PARTIES.map((party) => verbs(rightsOn(entry, party))),
      ]),
    ),
    "",
    ...notes(tables),
    ...(own.length > 0 ? [`\`${schema}_service\` may call ${own.join(", ")}.`, ""] : []),
    ...(common.length > 0 ? [`It, \`acgs_user\` and the readers may call ${common.join(", ")}.`, ""] : []),
  ];
}

function notes(tables: Readonly<Record<string, TableEntry>>): string[] {
  const reasons = Object.entries(tables).flatMap(([name, { application }]) =>
    application ? [`- \`acgs_user\` on ${code(name)}: ${application.why}.`] : [],
  );
  return reasons.length > 0 ? [...reasons, ""] : [];
}

function internalSection(schema: string): string[] {
  const { usage, readers, callers } = INTERNAL_PRIVILEGES[schema]!;
  const list = (of: Readonly<Record<string, readonly string[]>>): string[] => {
    const byRoles = new Map<string, string[]>();
    for (const [name, roles] of Object.entries(of)) {
      const who = roles.map(code).join(", ");
      byRoles.set(who, [...(byRoles.get(who) ?? []), code(name)]);
    }
    return [...byRoles].map(([who, names]) => `${names.join(", ")}: ${who}`);
  };
  return [
    `### \`${schema}\``,
    "",
    `- may be named by: ${usage.length > 0 ? usage.map(code).join(", ") : "nobody"}`,
    ...list(readers).map((line) => `- read: ${line}`),
    ...list(callers).map((line) => `- called: ${line}`),
    "",
  ];
}

function limits(login: string): string {
  const settings = Object.entries(settingsOf(login)).map(
    ([name, value]) => [name, /^\d+$/.test(value) ? `${Number(value) / 1000}s` : value] as const,
  );
  return settings.map(([name, value]) => `\`${name}\` ${value}`).join(", ");
}

function verbs(rights: readonly Right[]): string {
  if (rights.length === 0) return "nothing";
  return rights.map(({ verb, columns }) => (columns ? `${verb} (${columns.join(", ")})` : verb)).join(", ");
}
