import type { FuncCall } from "libpg-query";
import { nodesOf } from "../../lib/sqlParser.ts";
import type { Statement } from "../../lib/sqlParser.ts";
import type { SqlText } from "./sqlFile.ts";

/** What the runner itself sets for each statement, so that nobody waits behind it for long. */
const RUNNERS_OWN = new Set(["lock_timeout", "deadlock_timeout", "client_connection_check_interval"]);

const ROLE = new Set(["role", "session_authorization"]);

/** Functions whose locks are the session's, or that let go of all of them, the runner's among them. */
const SESSION_LOCK = /^pg_(?:try_)?advisory_(?:un)?lock(?:_shared|_all)?$/;

/** What a statement would do to the session in which the runner applies one file after the other, and holds its lock. */
export function sessionFaults(file: SqlText, { tree }: Statement): string[] {
  const faults: string[] = [];
  if ("DiscardStmt" in tree && tree.DiscardStmt.target === "DISCARD_ALL")
    faults.push("DISCARD ALL lets go of the runner's lock: each file finds a fresh session without it");
  for (const { name, value, local } of settingsOf(tree))
    faults.push(...settingFaults(file, name, value, local));
  for (const { funcname } of callsOf(tree)) {
    const name = nodesOf(funcname, "String").at(-1)?.sval ?? "";
    if (SESSION_LOCK.test(name))
      faults.push(
        `${name}() is about locks of the session, which is the runner's: pg_advisory_xact_lock() is released with its transaction`,
      );
  }
  return faults;
}

/** What may call a function now: a view or a default calls it later, in another session. */
const CALLERS = [
  "SelectStmt",
  "InsertStmt",
  "UpdateStmt",
  "DeleteStmt",
  "MergeStmt",
  "CreateTableAsStmt",
  "CallStmt",
];

function callsOf(tree: Statement["tree"]): FuncCall[] {
  return CALLERS.some((kind) => kind in tree) ? nodesOf(tree, "FuncCall") : [];
}

interface Setting {
  name: string;
  /** Undefined where it is reset, or no literal. */
  value: string | undefined;
  local: boolean;
}

/** What a statement sets or resets by SET, RESET or set_config(). */
function settingsOf(tree: Statement["tree"]): Setting[] {
  const called = callsOf(tree).flatMap(({ funcname, args = [] }) => {
    if (nodesOf(funcname, "String").at(-1)?.sval !== "set_config") return [];
    const [name, value, local] = args.map((arg) => nodesOf([arg], "A_Const")[0]);
    return [{ name: name?.sval?.sval ?? "", value: value?.sval?.sval, local: !!local?.boolval?.boolval }];
  });
  if (!("VariableSetStmt" in tree)) return called;
  const { kind, name = "", args, is_local: local = false } = tree.VariableSetStmt;
  if (kind === "VAR_RESET_ALL") return [{ name: "ALL", value: undefined, local }];
  const given = nodesOf(args, "A_Const")[0];
  return [{ name, value: given?.sval?.sval ?? (given?.boolval && String(!!given.boolval.boolval)), local }];
}

function settingFaults(
  { concurrent, superuser }: SqlText,
  written: string,
  value: string | undefined,
  local: boolean,
): string[] {
  const name = written.toLowerCase();
  const of = (fault: string): string[] => [`${name}: ${fault}`];
  if (written === "ALL")
    return ["RESET ALL resets what the runner has set, above all lock_timeout: reset single settings"];
  if (ROLE.has(name) && !superuser)
    return of(
      'a file runs as the owner of all objects: "-- acgs: role=superuser" in its first lines is the other way',
    );
  if (RUNNERS_OWN.has(name)) return of("is set by the runner, for each statement: take this out");
  if (/^transaction(?:_|\b)/.test(name)) return of("the runner opens and ends transactions: take this out");
  if (name === "client_encoding" && !/^utf-?8$/i.test(value ?? "UTF8"))
    return of("SQL files are UTF-8, and are sent so: take this out");
  if (name === "standard_conforming_strings" && concurrent && /^(?:off|no|false|0)$/i.test(value ?? "on"))
    return of("the statements behind it would be read otherwise than in the preview: write E'…'");
  if (local && concurrent)
    return of("SET LOCAL has no effect outside a transaction: write SET, which ends with the file");
  return [];
}
