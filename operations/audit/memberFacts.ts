import type { ContainerAddress } from "../../lib/docker/client.ts";
import { exec } from "../../lib/docker/exec.ts";
import { inSession } from "../../lib/postgres/session.ts";
import type { FileFacts, ServerFacts } from "./facts.ts";

const ANSWER_WITHIN_MS = 15_000;

/** Parameters that controls look at. Not all: some hold connection strings. */
const SETTINGS =
  "^(ssl(_(ciphers|(min|max)_protocol_version|key_file))?|log_.*|logging_collector|debug_.*|pgaudit\\..*" +
  "|listen_addresses|authentication_timeout|password_encryption|data_checksums|data_directory|wal_level" +
  "|(shared|session|local)_preload_libraries|dynamic_library_path|allow_system_table_mods|zero_damaged_pages" +
  "|ignore_checksum_failure|ignore_system_indexes|jit_(debugging|profiling)_support|post_auth_delay|unix_socket.*)$";

/** Everything in one statement, so that it is of one moment. */
const QUERY = `
  SELECT current_setting('server_version') AS "version",
         pg_is_in_recovery() AS "inRecovery",
         (SELECT json_object_agg(name, setting) FROM pg_settings WHERE name ~ $1) AS "settings",
         (SELECT json_agg(json_build_object(
                   'name', rolname, 'canLogin', rolcanlogin, 'superuser', rolsuper, 'createRole', rolcreaterole,
                   'createDatabase', rolcreatedb, 'replication', rolreplication, 'bypassRls', rolbypassrls,
                   'connectionLimit', rolconnlimit,
                   'verifier', CASE WHEN rolpassword LIKE 'SCRAM-SHA-256$%' THEN 'scram-sha-256'
                                    WHEN rolpassword IS NOT NULL THEN 'other' END,
                   'memberOf', COALESCE((
                      WITH RECURSIVE above AS (
                        SELECT roleid FROM pg_auth_members WHERE member = role.oid
                        UNION SELECT m.roleid FROM pg_auth_members m JOIN above ON m.member = above.roleid)
                      SELECT json_agg(a.rolname ORDER BY a.rolname) FROM above JOIN pg_roles a ON a.oid = roleid), '[]'))
                 ORDER BY rolname)
            FROM pg_authid role) AS "roles",
         (SELECT json_agg(json_build_object('line', line_number, 'type', type, 'databases', database, 'users', user_name,
                   'address', address, 'netmask', netmask, 'method', auth_method) ORDER BY line_number)
            FROM pg_hba_file_rules WHERE error IS NULL) AS "accessRules",
         ARRAY(SELECT extname::text FROM pg_extension ORDER BY 1) AS "extensions",
         (SELECT substring(setting FROM 'sslmode=(\\S+)') FROM pg_settings
           WHERE name = 'primary_conninfo' AND pg_is_in_recovery()) AS "upstreamSslMode",
         (SELECT COALESCE(json_agg(json_build_object('name', application_name, 'user', usename, 'tls', COALESCE(ssl, false))), '[]')
            FROM pg_stat_replication LEFT JOIN pg_stat_ssl USING (pid)) AS "replicas",
         ARRAY(SELECT format('%I.%I', nspname, proname) FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
                WHERE prosecdef AND nspname NOT IN ('pg_catalog', 'information_schema')
                  -- Of no use to a caller: only a superuser's event trigger calls them.
                  AND prorettype <> 'event_trigger'::regtype
                  AND has_schema_privilege('public', n.oid, 'USAGE') AND has_function_privilege('public', p.oid, 'EXECUTE')
                ORDER BY 1) AS "publicDefiners",
         ARRAY(SELECT format('%I.%I', nspname, relname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
                WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND nspname NOT IN ('pg_catalog', 'information_schema')
                  AND nspname !~ '^pg_(toast|temp)' AND has_schema_privilege('public', n.oid, 'USAGE')
                  AND has_table_privilege('public', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
                ORDER BY 1) AS "publicWrites",
         ARRAY(SELECT DISTINCT rolname::text FROM pg_class JOIN pg_roles r ON r.oid = relowner
                WHERE rolcanlogin AND NOT rolsuper AND relkind IN ('r', 'p') ORDER BY 1) AS "owningLogins",
         COALESCE(has_schema_privilege('public', to_regnamespace('public'), 'CREATE'), false) AS "publicSchemaOpen",
         ARRAY(SELECT oid::regclass::text FROM pg_class WHERE relrowsecurity ORDER BY 1) AS "rowSecurity"`;

/** Asks a member as the superuser. @throws where it does not answer */
export async function serverFacts(address: ContainerAddress, database: string): Promise<ServerFacts> {
  const { rows } = await inSession(
    { member: address, database },
    (client) => client.query<ServerFacts>(QUERY, [SETTINGS]),
    { applicationName: "acgs-db audit", answerWithinMs: ANSWER_WITHIN_MS },
  );
  return withoutNulls(rows[0]!);
}

/** What SQL gives as NULL is undefined here. */
function withoutNulls(row: ServerFacts): ServerFacts {
  return {
    ...row,
    version: row.version.split(" ")[0] ?? row.version,
    upstreamSslMode: row.upstreamSslMode ?? undefined,
    roles: row.roles.map((role) => ({ ...role, verifier: role.verifier ?? undefined })),
    accessRules: row.accessRules.map((rule) => ({
      ...rule,
      address: rule.address ?? undefined,
      netmask: rule.netmask ?? undefined,
      databases: rule.databases ?? [],
      users: rule.users ?? [],
    })),
  };
}

/** $1 is the data directory, $2 the file of the key. Each line is a name, a blank and what was found. */
const LOOK = `
echo "umask $(sed -n 's/^Umask:[[:space:]]*//p' "/proc/$(head -n 1 "$1/postmaster.pid")/status")"
echo "dataDirectory $(stat -c '%a %U' "$1")"
echo "key $(stat -L -c '%a %U' "$2")"
echo "extensions $(stat -c '%a %U' "$(pg_config --sharedir 2>/dev/null || echo /usr/share/postgresql/15)/extension")"
find / -xdev -type f -name .psql_history -size +0 2>/dev/null | sed 's/^/histories /'
find / -xdev -type f -name '*pg_service.conf' 2>/dev/null | sed 's/^/serviceFiles /'
grep -ls PGPASSWORD /etc/profile /etc/profile.d/* /etc/environment /etc/bash.bashrc ~/.profile ~/.bashrc 2>/dev/null | sed 's/^/profiles /'
for process in /proc/[0-9]*; do
  tr '\\0' '\\n' 2>/dev/null < "$process/environ" | grep -q '^PGPASSWORD=' &&
    echo "passwordInEnvironment $(cat "$process/comm" 2>/dev/null)"
done
command -v sudo > /dev/null && echo "sudo yes"
exit 0`;

/** Looks into a member's container as its own user. */
export async function fileFacts(
  docker: string,
  container: string,
  settings: Readonly<Record<string, string>>,
): Promise<FileFacts> {
  const paths = [settings["data_directory"] ?? "", settings["ssl_key_file"] ?? ""];
  const found = await exec({ docker, container }, ["sh", "-c", LOOK, "audit", ...paths]);
  return readFileFacts(found);
}

/** @param found  what the look prints */
export function readFileFacts(found: string): FileFacts {
  const lines = found.split("\n").map((line) => /^(\S+) (.*)$/.exec(line) ?? ["", "", ""]);
  const all = (name: string) => lines.filter(([, of]) => of === name).map(([, , what]) => what ?? "");
  const one = (name: string) => all(name)[0] ?? "";
  return {
    umask: one("umask"),
    dataDirectory: one("dataDirectory"),
    key: one("key"),
    extensions: one("extensions"),
    histories: all("histories"),
    serviceFiles: all("serviceFiles"),
    profiles: all("profiles"),
    passwordInEnvironment: all("passwordInEnvironment"),
    sudo: all("sudo").length > 0,
  };
}
