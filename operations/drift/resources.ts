import type { providers } from "../../components/providers.ts";
import type { FileInput } from "../../components/migrations/sqlFile.ts";
import type { Drift } from "./driftReport.ts";
import { keysOf, shown, valueAt } from "./values.ts";

/** What is read of `pulumi refresh --preview-only --json`. */
export interface RefreshDigest {
  steps?: RefreshStep[];
  diagnostics?: { urn?: string; message?: string; severity?: string }[];
}

interface RefreshStep {
  /** `refresh` where nothing differs, `update`, or `delete` where the thing is gone. */
  op: string;
  urn: string;
  oldState?: StateOf;
  newState?: StateOf;
  detailedDiff?: Record<string, unknown> | null;
}

interface StateOf {
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/** The resources that differ, of those that Pulumi reads, and why others could not be read, with their URNs. */
export function driftOfResources(digest: RefreshDigest): {
  drift: Drift[];
  notSeen: string[];
  unread: string[];
} {
  // The engine reads many at once, and tells of each when it is through.
  const steps = [...(digest.steps ?? [])].sort((one, other) => (one.urn < other.urn ? -1 : 1));
  const drift = steps.flatMap((step) => {
    if (step.op === "delete") return [gone(step)];
    return step.op === "update" ? changes(step) : [];
  });
  const errors = (digest.diagnostics ?? []).filter(({ severity, urn }) => severity === "error" && urn);
  const notSeen = errors.map(({ urn, message }) => ({ what: describe(urn!), why: reasonIn(message ?? "") }));
  const reasons = [...new Set(notSeen.map(({ why }) => why))];
  return {
    drift,
    unread: [...new Set(errors.map(({ urn }) => urn!))],
    notSeen: reasons.map((why) => {
      const [first, ...others] = notSeen.filter((one) => one.why === why).map(({ what }) => what);
      return `${first}${others.length > 0 ? ` and ${others.length} more` : ""}: ${why}`;
    }),
  };
}

/** The engine's own words around a provider's error say nothing. */
function reasonIn(message: string): string {
  return message.trim().replace(/^(error: )?(Preview failed: )?/, "");
}

function gone({ urn, oldState }: RefreshStep): Drift {
  return {
    what: describe(urn, oldState),
    is: "gone",
    should: "there",
    remedy: "up makes it again",
    repaired: true,
    urn,
  };
}

function changes(step: RefreshStep): Drift[] {
  const all = Object.keys(step.detailedDiff ?? {}).filter((path) => !path.startsWith("__"));
  const differing = all.filter((path) => !(typeOf(step.urn) === "Role" && SETTINGS_OF_ROLES.includes(path)));
  if (all.length > 0 && differing.length === 0) return [];
  // Of a SQL file, what differs is told in one line.
  const paths = [...new Set(differing.map((path) => /^files\["[^"]*"\]/.exec(path)?.[0] ?? path))];
  const common = { repaired: true, urn: step.urn };
  if (paths.length === 0) {
    const is = "otherwise than the stack has it";
    return [
      {
        what: describe(step.urn, step.oldState),
        is,
        should: "as it was",
        remedy: "up sets it back",
        ...common,
      },
    ];
  }
  const value = (state: StateOf | undefined, path: string) =>
    inShort(valueAt(state?.inputs, path) ?? valueAt(state?.outputs, path));
  return paths.map((path) => ({
    what: describePart(step, path),
    is: value(step.newState, path),
    should: value(step.oldState, path),
    remedy: remedyFor(typeOf(step.urn), path),
    ...common,
  }));
}

/** A value; of a SQL file what matters: its hash, or the indexes that it lost. */
function inShort(value: unknown): string {
  if (typeof value !== "object" || value === null || !("sha256" in value)) return shown(value);
  const { sha256, missingIndexes = [], invalidIndexes = [] } = value as FileInput;
  const lost = [
    ...missingIndexes.map((name) => `index ${name} is missing`),
    ...invalidIndexes.map((name) => `index ${name} is invalid`),
  ];
  return lost.length > 0 ? lost.join(", ") : `applied, sha256 ${sha256.slice(0, 12)}`;
}

/** Looked at with all other settings of roles (`databaseRoles.ts`): the provider cannot read every value. */
const SETTINGS_OF_ROLES = ["statementTimeout", "idleInTransactionSessionTimeout"];

/** The last part of the type: `Role` of `postgresql:index/role:Role`. */
function typeOf(urn: string): string {
  return /:(\w+)::[^:]*$/.exec(urn)?.[1] ?? urn;
}

/** Types of @pulumi/postgresql, and the project's own. */
type Named =
  ("Role" | "Database" | "Schema" | "Grant" | "GrantRole" | "DefaultPrivileges") | keyof typeof providers;

const WORDS: Readonly<Record<string, string>> = {
  Role: "role",
  Database: "database",
  Schema: "schema",
  Grant: "grant",
  GrantRole: "membership",
  DefaultPrivileges: "default privileges",
  SqlSchema: "SQL files",
  PostgresParameters: "PostgreSQL's configuration",
  Pools: "PgBouncer's pools",
  ConfigurationKeyFiles: "keys of encrypted settings",
  HaproxyServers: "HAProxy's members",
  RedisClusterState: "Redis",
} satisfies Partial<Record<Named, string>>;
/** Of these the server's own name is clearer than the program's. */
const BY_GIVEN_NAME = new Set(["Role", "Database", "Schema"]);

function describe(urn: string, state?: StateOf): string {
  const type = typeOf(urn);
  const given = BY_GIVEN_NAME.has(type) ? state?.inputs?.["name"] : undefined;
  return `${WORDS[type] ?? type} ${typeof given === "string" ? given : urn.split("::").at(-1)!}`;
}

function describePart({ urn, oldState }: RefreshStep, path: string): string {
  const keys = keysOf(path);
  switch (typeOf(urn)) {
    case "PostgresParameters":
      return /^(applied|pending)/.test(keys[0]!) && keys.length > 1
        ? `parameter ${keys[1]}`
        : `PostgreSQL's ${path}`;
    case "SqlSchema":
      return keys[0] === "files" && keys.length > 1
        ? `SQL file ${shown(oldState?.inputs?.["directory"] ?? "sql")}/${keys.slice(1).join(".")}`
        : `SQL files' ${path}`;
    case "RedisClusterState":
      return keys[0] === "settings" && keys.length > 1 ? `Redis' ${keys[1]}` : `Redis' ${path}`;
    case "Pools":
      return keys[0] === "pools" && keys.length > 1
        ? `pool ${keys.slice(1).join(" ")}`
        : `PgBouncer's ${path}`;
    default:
      return `${describe(urn, oldState)}: ${path}`;
  }
}

function remedyFor(type: string, path: string): string {
  const [heading] = keysOf(path);
  if (type === "PostgresParameters" && heading?.startsWith("pendingUntilRestart"))
    return "up sets it back; in force after a restart";
  if (type === "PostgresParameters" && heading?.startsWith("appliedByRollingRestart"))
    return "up sets it back, by a rolling restart";
  if (type === "PostgresParameters" && heading === "appliedByReload") return "up sets it back, by a reload";
  if (type === "SqlSchema" && heading === "files") return "up runs the file again";
  return "up sets it back";
}
