import pg from "pg";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import { parameter } from "./catalogue.ts";
import { readValue } from "./parameterValues.ts";
import { inSession } from "../../lib/postgres/session.ts";

const ANSWER_WITHIN_MS = 10_000;
/** At full speed, however much there is to write. */
const CHECKPOINT_WITHIN_MS = 900_000;

/** What one member says about its own parameters. Values are as PostgreSQL shows them. */
export interface MemberSettings {
  /** Such as `15.20`. */
  version: string;
  /** In force in a new session. */
  current: ReadonlyMap<string, CurrentSetting>;
  /** In its configuration files: where one is named twice, the one that wins. */
  files: ReadonlyMap<string, SettingInFile>;
  /** Whether the server has read its files since they were written last. */
  filesRead: boolean;
  /** Lines of pg_hba.conf without comments, and what is wrong with them. */
  accessRules: readonly string[];
  accessRulesError: string | undefined;
}

export interface SettingInFile {
  value: string;
  /** Set by ALTER SYSTEM. */
  bySystem: boolean;
  /** Written when the data directory was made; in force where nobody sets another. */
  byInitdb: boolean;
  /** Not applied: refused, or waiting for a restart. */
  unapplied: boolean;
}

export interface CurrentSetting {
  value: string;
  /** From the files, the command line or the server's default; false where role, database or session decide. */
  ofServer: boolean;
  /** The files hold another value, which only a restart puts in force. */
  pendingRestart: boolean;
}

/**
 * Files' times are whole seconds: a file counts as read when the clock or the reading is safely past it. Settings of TCP
 * show 0 in a session over the local socket, so theirs is what a session begins with.
 */
const QUERY = `
  SELECT current_setting('server_version') AS version,
         (SELECT bool_and(pg_conf_load_time() >= modification
                     AND (pg_conf_load_time() >= modification + interval '1 s'
                       OR clock_timestamp() >= modification + interval '2 s'))
            FROM unnest(ARRAY['config_file', 'hba_file']) AS file,
                 pg_stat_file(current_setting(file))) AS files_read,
         (SELECT json_agg(s) FROM
           (SELECT name, CASE WHEN name ~ '^tcp_' THEN reset_val ELSE setting END AS setting, source, pending_restart
            FROM pg_settings) s) AS settings,
         (SELECT json_agg(f ORDER BY seqno) FROM
           (SELECT seqno, name, setting, sourcefile, error FROM pg_file_settings WHERE name IS NOT NULL) f) AS files,
         pg_read_file(current_setting('hba_file')) AS access_rules,
         (SELECT min(format('line %s: %s', line_number, error)) FROM pg_hba_file_rules WHERE error IS NOT NULL)
           AS access_rules_error`;

interface Row {
  version: string;
  files_read: boolean;
  settings: { name: string; setting: string; source: string; pending_restart: boolean }[];
  files: { name: string; setting: string | null; sourcefile: string; error: string | null }[] | null;
  access_rules: string;
  access_rules_error: string | null;
}

/** @throws where the member does not answer */
export async function readMember(address: ContainerAddress): Promise<MemberSettings> {
  const [row] = await query<Row>(address, QUERY);
  if (row === undefined) throw new Error(`${address.container} gave no answer`);
  const bySession = new Set(["client", "session", "user", "database", "database user"]);
  return {
    version: row.version.split(" ")[0] ?? row.version,
    current: new Map(
      row.settings.map(({ name, setting, source, pending_restart }) => [
        name,
        { value: asShown(name, setting), ofServer: !bySession.has(source), pendingRestart: pending_restart },
      ]),
    ),
    files: new Map(
      (row.files ?? []).map(({ name, setting, sourcefile, error }) => [
        parameter(name)?.name ?? name,
        {
          value: asShown(name, setting ?? ""),
          bySystem: sourcefile.endsWith("/postgresql.auto.conf"),
          // Patroni keeps initdb's file under this name, and includes it before its own settings.
          byInitdb: sourcefile.endsWith("/postgresql.base.conf"),
          unapplied: error !== null,
        },
      ]),
    ),
    filesRead: row.files_read,
    accessRules: row.access_rules
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#")),
    accessRulesError: row.access_rules_error ?? undefined,
  };
}

/** Whether a member has databases of its own: then somebody may be using the cluster. */
export async function hasDatabases(address: ContainerAddress): Promise<boolean> {
  const sql = "SELECT 1 FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' LIMIT 1";
  return (await query(address, sql)).length > 0;
}

/** Writes what the server has in memory: a shutdown that follows then takes a moment. */
export async function checkpoint(address: ContainerAddress): Promise<void> {
  await query(address, "CHECKPOINT", CHECKPOINT_WITHIN_MS);
}

/** A value the way PostgreSQL shows it; of a parameter that the catalogue does not know, as it is. */
export function asShown(name: string, value: string): string {
  const entry = parameter(name);
  const reading = entry && readValue(entry, value);
  return reading !== undefined && "value" in reading ? reading.value : value;
}

/** A parameter's name in a statement: that of an extension's has a dot, between two identifiers. */
export function parameterIdentifier(name: string): string {
  return name
    .split(".")
    .map((part) => pg.escapeIdentifier(part))
    .join(".");
}

/** Asks one member as the superuser. @throws where it does not answer */
export async function query<T extends pg.QueryResultRow>(
  address: ContainerAddress,
  sql: string,
  withinMs = ANSWER_WITHIN_MS,
): Promise<T[]> {
  const options = { applicationName: "acgs-db deployment", answerWithinMs: withinMs };
  const ask = (client: pg.Client) => client.query<T>(sql);
  const { rows } = await inSession({ member: address, database: "postgres" }, ask, options);
  return rows;
}
