import { type CatalogueEntry, parameter } from "./catalogue.ts";
import { type MemberSettings } from "./memberSettings.ts";

/** A value that a member has taken, but uses only after its next restart. */
export interface PendingRestart {
  member: string;
  parameter: string;
  current: string;
  wanted: string;
}

/** The current value of a parameter whose library the server has not loaded yet. */
export const NOT_LOADED = "not loaded";

/** What every member is to have. */
export interface DesiredSettings {
  /** Values as PostgreSQL shows them. */
  parameters: Readonly<Record<string, string>>;
  accessRules: readonly string[];
  /** Names that were set until now and no longer are. */
  removed: readonly string[];
}

/** Patroni writes its own default for it where nobody sets it: its line never goes. */
const PATRONIS_OWN_DEFAULT = new Set(["track_commit_timestamp"]);

/** The server takes a value not at all. It goes on with the former one, and would not start again with this. */
export class RefusedValueError extends Error {
  override readonly name = "RefusedValueError";

  constructor(parameter: string, value: string, reason = "its log says why") {
    super(
      `PostgreSQL refuses ${parameter} = ${JSON.stringify(value)}; ${reason}. The former parameters are in force ` +
        `again. Set acgs-db:postgres.parameters.${parameter} to a value that it takes, and run the update again.`,
    );
  }
}

/**
 * What a member still lacks, in words, or undefined once its files hold all that is wanted and everything that a
 * reload can put in force is in force.
 *
 * @throws where waiting does not help: the value is overruled on the member itself
 * @throws RefusedValueError
 */
export function diffSettings(
  member: string,
  settings: MemberSettings,
  wanted: DesiredSettings,
): string | undefined {
  for (const [name, value] of Object.entries(wanted.parameters)) {
    const inFile = settings.files.get(name);
    if (inFile?.unapplied && inFile.value === value && parameter(name)?.cost === "reload") {
      throw new RefusedValueError(name, value);
    }
    if (inFile?.bySystem) {
      throw new Error(
        `${name} was set on ${member} by ALTER SYSTEM, which overrules the stack's value. ` +
          `Connect to ${member} as postgres, run \`ALTER SYSTEM RESET ${name}\`, and run the update again.`,
      );
    }
    if (!isTaken(name, value, settings)) return `${name} is not ${value} yet`;
  }
  const left = wanted.removed.find(
    (name) => !PATRONIS_OWN_DEFAULT.has(name) && settings.files.get(name)?.byInitdb === false,
  );
  if (left !== undefined) return `${left} is still set`;
  if (settings.accessRulesError !== undefined) return `pg_hba.conf is refused: ${settings.accessRulesError}`;
  if (wanted.accessRules.join("\n") !== settings.accessRules.join("\n"))
    return "the access rules are not there yet";
  return settings.filesRead ? undefined : "it has not read its files again yet";
}

/** Parameters of a member that wait for a restart. */
export function pendingRestarts(
  member: string,
  settings: MemberSettings,
  parameters: Readonly<Record<string, string>>,
): PendingRestart[] {
  const pending: PendingRestart[] = [];
  for (const [name, { value: current, pendingRestart }] of settings.current) {
    const entry = parameter(name);
    if (entry === undefined || entry.cost === "reload" || entry.owner !== undefined) continue;
    const wanted = parameters[name];
    if (pendingRestart || (wanted !== undefined && !isSame(entry, current, wanted))) {
      const inFile = settings.files.get(name)?.value;
      pending.push({ member, parameter: name, current, wanted: wanted ?? inFile ?? "default" });
    }
  }
  // The parameters of a library that is not loaded yet are in no server's list.
  for (const [name, wanted] of Object.entries(parameters)) {
    if (settings.current.has(name) || parameter(name)?.cost === "reload") continue;
    pending.push({ member, parameter: name, current: NOT_LOADED, wanted });
  }
  return pending.sort((one, other) => (one.parameter < other.parameter ? -1 : 1));
}

function isTaken(name: string, wanted: string, { files, current }: MemberSettings): boolean {
  const entry = parameter(name);
  const inFile = files.get(name)?.value;
  const now = current.get(name);
  if (entry?.cost === "restart, the primary first when lowered") {
    // A replica that was restarted before its primary has the primary's larger value in its file: Patroni sees to it.
    return inFile === wanted || Number(now?.value) >= Number(wanted);
  }
  if (isRecoveryCommand(entry)) return true;
  if (inFile !== wanted) return false;
  if (entry === undefined || entry.cost !== "reload" || now === undefined || !now.ofServer) return true;
  // Of some texts the server shows its own spelling (`utc` as `UTC`); for those the file and its reading count.
  return entry.type === "string" || isSame(entry, now.value, wanted);
}

/** Patroni writes these on replicas only, and apart from the others. */
function isRecoveryCommand(entry: CatalogueEntry | undefined): boolean {
  return entry?.category === "Write-Ahead Log / Archive Recovery";
}

/** `wal_buffers` of -1 is replaced by what the server made of it. */
function isSame(entry: CatalogueEntry, current: string, wanted: string): boolean {
  return current === wanted || (entry.name === "wal_buffers" && wanted === "-1");
}
