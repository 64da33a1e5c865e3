import type { Trial } from "./attempt.ts";
import type { Relation, Routine } from "./database.ts";
import { mayAll, mayAny, mayCall, mayColumn, mayUseSchema } from "./expected.ts";

/** A statement that needs a privilege on a table, and how it is written. */
type Attempted = Pick<Trial, "statement" | "allowed">;

const quoted = (name: string): string => `"${name}"`;

/**
 * Every verb on a table or view as a whole, as statements that touch no row: what they need is checked before.
 * INSERT and UPDATE of whole rows name every column that can be written.
 */
export function onTable(login: string, { name, columns }: Relation): Attempted[] {
  const schema = mayUseSchema(login, name.split(".")[0]!);
  const may = (verb: string) => schema && mayAll(login, verb, "TABLE", name);
  const mayEach = (verb: string) => (c: { name: string }) => schema && mayColumn(login, verb, name, c.name);
  const writable = columns.filter((column) => column.writable);
  const list = writable.map((column) => quoted(column.name)).join(", ");
  const nulls = writable.map(({ type }) => `NULL::${type}`).join(", ");
  const sets = writable.map((column) => `${quoted(column.name)} = NULL`).join(", ");
  return [
    { statement: `SELECT * FROM ${name} LIMIT 0`, allowed: columns.every(mayEach("SELECT")) },
    // Without naming a column: any that may be read is enough.
    { statement: `SELECT 1 FROM ${name} LIMIT 0`, allowed: schema && mayAny(login, "SELECT", name) },
    {
      statement: `INSERT INTO ${name} (${list}) SELECT ${nulls} WHERE false`,
      allowed: writable.every(mayEach("INSERT")),
    },
    { statement: `UPDATE ${name} SET ${sets} WHERE false`, allowed: writable.every(mayEach("UPDATE")) },
    { statement: `DELETE FROM ${name} WHERE false`, allowed: may("DELETE") },
    { statement: `TRUNCATE ${name}`, allowed: may("TRUNCATE") },
    { statement: `TRUNCATE ${name} CASCADE`, allowed: may("TRUNCATE") },
    {
      statement: `CREATE TRIGGER t BEFORE INSERT ON ${name} EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
      allowed: may("TRIGGER"),
    },
    { statement: `ALTER TABLE ${name} ADD COLUMN mine int`, allowed: false },
    { statement: `DROP TABLE ${name}`, allowed: false },
    { statement: `CREATE INDEX ON ${name} (${quoted(columns[0]!.name)})`, allowed: false },
    { statement: `CREATE RULE r AS ON INSERT TO ${name} DO NOTHING`, allowed: false },
  ];
}

/** Reading, writing and referring to one column. @param probe  a schema in which everybody may make tables */
export function onColumn(
  login: string,
  { name, kind }: Relation,
  column: Relation["columns"][number],
  probe: string,
) {
  const schema = mayUseSchema(login, name.split(".")[0]!);
  const may = (verb: string) => schema && mayColumn(login, verb, name, column.name);
  const c = quoted(column.name);
  const writes: Attempted[] = [
    {
      statement: `INSERT INTO ${name} (${c}) SELECT NULL::${column.type} WHERE false`,
      allowed: may("INSERT"),
    },
    { statement: `UPDATE ${name} SET ${c} = NULL WHERE false`, allowed: may("UPDATE") },
  ];
  const refers: Attempted = {
    statement: `CREATE TABLE ${probe}.mine (c ${column.type} REFERENCES ${name} (${c}))`,
    allowed: may("REFERENCES"),
  };
  return [
    { statement: `SELECT ${c} FROM ${name} LIMIT 0`, allowed: may("SELECT") },
    ...(column.writable ? writes : []),
    ...(kind === "r" ? [refers] : []),
  ];
}

export function onSequence(login: string, { name }: Relation): Attempted[] {
  const schema = mayUseSchema(login, name.split(".")[0]!);
  const may = (privilege: string) => schema && mayAll(login, privilege, "SEQUENCE", name);
  return [
    { statement: `SELECT nextval('${name}')`, allowed: may("USAGE") || may("UPDATE") },
    { statement: `SELECT setval('${name}', 1)`, allowed: may("UPDATE") },
    { statement: `SELECT last_value FROM ${name}`, allowed: may("SELECT") },
    { statement: `ALTER SEQUENCE ${name} RESTART`, allowed: false },
  ];
}

/** A call with NULLs: whoever may not is refused before anything runs. */
export function onRoutine(login: string, routine: Routine): Attempted[] {
  const { signature, name, extension } = routine;
  const verb = routine.isProcedure ? "CALL" : "SELECT";
  const schema = mayUseSchema(login, name.split(".")[0]!);
  // Not a constant: a call of a strict function with one is NULL before anybody asks who calls.
  const values = routine.arguments.map((type) => `CASE WHEN random() > 2 THEN NULL::${type} END`).join(", ");
  return [
    { statement: `${verb} ${name}(${values})`, allowed: schema && mayCall(login, signature, extension) },
    { statement: `ALTER FUNCTION ${signature} SECURITY DEFINER`, allowed: false },
    { statement: `CREATE OR REPLACE FUNCTION ${name}() RETURNS int LANGUAGE sql RETURN 1`, allowed: false },
  ];
}

/** What no login of an application or a service may do, whatever it is. */
export const forbidden = (login: string): string[] => [
  "CREATE SCHEMA mine",
  "CREATE TEMP TABLE mine (x int)",
  "CREATE TABLE public.mine (x int)",
  "CREATE TABLE platform.mine (x int)",
  "CREATE TABLE pg_catalog.mine (x int)",
  "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql RETURN 1",
  "CREATE VIEW public.mine AS SELECT 1",
  "CREATE EXTENSION dblink",
  "CREATE ROLE mine",
  "CREATE PUBLICATION mine FOR ALL TABLES",
  "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION suppress_redundant_updates_trigger()",
  "DO $$ BEGIN END $$",
  "SET ROLE acgs_owner",
  "SET ROLE postgres",
  "SET ROLE acgs_upkeep",
  "SET ROLE pg_write_all_data",
  "SET SESSION AUTHORIZATION postgres",
  "GRANT acgs_owner TO CURRENT_USER",
  "GRANT pg_read_all_data TO CURRENT_USER",
  "ALTER ROLE CURRENT_USER SUPERUSER",
  "ALTER ROLE CURRENT_USER CONNECTION LIMIT -1",
  ...["PASSWORD 'x'", "SET work_mem = '1GB'", "NOLOGIN", "RENAME TO mine"].map(
    (change) => `ALTER ROLE ${login === "acgs_user" ? "auth_service" : "acgs_user"} ${change}`,
  ),
  "ALTER DATABASE acgs_db SET work_mem = '1GB'",
  "ALTER DEFAULT PRIVILEGES FOR ROLE acgs_owner GRANT ALL ON TABLES TO PUBLIC",
  "ALTER SCHEMA auth OWNER TO CURRENT_USER",
  "SET session_replication_role = 'replica'",
  "SET log_statement = 'none'",
  "SET log_min_messages = 'panic'",
  "COPY (SELECT 1) TO '/tmp/mine'",
  "COPY (SELECT 1) TO PROGRAM 'true'",
  "SELECT pg_read_file('/etc/passwd')",
  "SELECT pg_ls_dir('.')",
  "SELECT * FROM pg_authid",
  "SELECT * FROM pg_hba_file_rules",
  "SELECT lo_create(0)",
  "SELECT lo_from_bytea(0, 'x')",
  "SELECT lo_import('/etc/passwd')",
  "SELECT pg_reload_conf()",
  "SELECT pg_rotate_logfile()",
  "SELECT pg_switch_wal()",
  "SELECT pg_promote()",
  "SELECT pg_create_physical_replication_slot('mine')",
  "SELECT pg_create_restore_point('mine')",
  "SELECT pg_stat_reset()",
  "SELECT pg_stat_statements_reset()",
  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'",
  "SELECT cron.schedule('* * * * *', 'SELECT 1')",
  "SELECT * FROM cron.job",
  "SELECT * FROM deploy.ledger",
  "DELETE FROM deploy.ledger",
];
