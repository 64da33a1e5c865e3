import type pg from "pg";
import { expect } from "vitest";
import { rows, type StackDatabase } from "../../testing/sqlServer.ts";

/**
 * What in a schema breaks the rules that hold for the tables, functions and indexes of every service, one line each:
 * ownership, comments, the constitutional hash, keys, time zones, indexes of foreign keys, search paths, PUBLIC.
 */
export function conventionFaults(admin: pg.Client, schema: string): Promise<unknown[]> {
  return rows(admin, FAULTS, [schema]);
}

/** The tables of a schema without their partitions, in order. */
export function tablesOf(admin: pg.Client, schema: string): Promise<unknown[]> {
  return rows(
    admin,
    `SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p')
       AND NOT relispartition ORDER BY relname`,
    [schema],
  );
}

/** Valid indexes by name, each as `table USING method (columns)`, those of partitions left out. */
export async function indexDefinitions(admin: pg.Client, schema: string): Promise<Record<string, string>> {
  const found = await rows(
    admin,
    `SELECT c.relname, regexp_replace(pg_get_indexdef(c.oid), '^.* ON (ONLY )?[a-z]+[.]', '')
     FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
     WHERE c.relnamespace = $1::regnamespace AND NOT c.relispartition AND i.indisvalid`,
    [schema],
  );
  return Object.fromEntries(found as [string, string][]);
}

/** The constraint that refuses a statement, or else the SQLSTATE; undefined when it is not refused. */
export async function refusedBy(
  client: pg.Client,
  query: string,
  values: unknown[] = [],
): Promise<string | undefined> {
  try {
    await client.query(query, values);
    return undefined;
  } catch (error) {
    const { constraint, code } = error as { constraint?: string; code?: string };
    return constraint ?? code ?? String(error);
  }
}

/** The top-level index of every index that a query's plan reads, once. */
export async function indexesRead(client: pg.Client, schema: string, query: string): Promise<unknown[]> {
  const [plan] = await rows(client, `EXPLAIN (FORMAT json) ${query}`);
  const names = [...JSON.stringify(plan).matchAll(/"Index Name":"([^"]+)"/g)].map((match) => match[1]);
  return rows(
    client,
    `SELECT DISTINCT c.relname FROM unnest($2::text[]) AS name
     JOIN pg_class c ON c.oid = coalesce(pg_partition_root(format('%I.%I', $1::text, name)::regclass)::oid,
                                         format('%I.%I', $1::text, name)::regclass)
     ORDER BY 1`,
    [schema, names],
  );
}

/** All that a schema's files make, in words: objects with definitions, privileges and comments, jobs, policies. */
export function picture(admin: pg.Client, schema: string): Promise<unknown[]> {
  return rows(admin, PICTURE, [schema]);
}

/**
 * Expects that all comes out the same when every repeatable file of a schema runs again, and that then nothing runs.
 *
 * @param repeatable  names of the files before the privileges, in order
 * @param made        the schema has more objects, jobs and policies than that
 */
export async function expectSameAgain(
  database: StackDatabase,
  admin: pg.Client,
  { schema, repeatable, made }: { schema: string; repeatable: readonly string[]; made: number },
): Promise<void> {
  const before = await picture(admin, schema);
  expect(before.length).toBeGreaterThan(made);
  await admin.query("DELETE FROM deploy.ledger WHERE kind = 'repeatable' AND schema = $1", [schema]);
  expect(await database.apply()).toEqual(
    [...repeatable, "privileges"].map((name) => `${schema}/R__${name}.sql`),
  );
  expect(await picture(admin, schema)).toEqual(before);
  expect(await database.apply()).toEqual([]);
}

/**
 * Runs what a schema's scheduled jobs run, each as the login that it is given to: the service's within the time that
 * login has. Returns what each gave, by name.
 */
export async function runJobs(
  admin: pg.Client,
  service: pg.Client,
  schema: string,
): Promise<Record<string, unknown>> {
  const jobs = (await rows(
    admin,
    "SELECT jobname, command, username FROM cron.job WHERE jobname LIKE $1 || '-%' ORDER BY 1",
    [schema],
  )) as [string, string, string][];
  await service.query("SET statement_timeout = '30s'");
  const results: Record<string, unknown> = {};
  for (const [name, command, username] of jobs) {
    if (username === `${schema}_service`) results[name] = await rows(service, command);
    else results[name] = await asUpkeep(admin, username, command);
  }
  await service.query("RESET statement_timeout");
  return results;
}

async function asUpkeep(admin: pg.Client, username: string, command: string): Promise<unknown[]> {
  if (username !== "acgs_upkeep") throw new Error(`a job runs as ${username}`);
  await admin.query("SET SESSION AUTHORIZATION acgs_upkeep");
  try {
    return await rows(admin, command);
  } finally {
    await admin.query("RESET SESSION AUTHORIZATION");
  }
}

const FAULTS = `
  WITH tables AS (
    SELECT oid, relname, relkind, relowner, relacl FROM pg_class
    WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
  ), functions AS (SELECT * FROM pg_proc WHERE pronamespace = $1::regnamespace)
  SELECT 'not owned by acgs_owner: ' || relname AS fault FROM pg_class
  WHERE relnamespace = $1::regnamespace AND relowner <> 'acgs_owner'::regrole
  UNION ALL SELECT 'not owned by acgs_owner: ' || proname FROM functions WHERE proowner <> 'acgs_owner'::regrole
  UNION ALL SELECT 'without a comment: ' || relname FROM tables WHERE obj_description(oid, 'pg_class') IS NULL
  UNION ALL SELECT 'without a comment: ' || relname || '.' || attname
  FROM tables JOIN pg_attribute ON attrelid = tables.oid AND attnum > 0 AND NOT attisdropped
  WHERE col_description(attrelid, attnum) IS NULL
  UNION ALL SELECT 'without a comment: ' || proname FROM functions WHERE obj_description(oid, 'pg_proc') IS NULL
  UNION ALL SELECT 'without the constitutional hash: ' || relname FROM tables
  WHERE NOT EXISTS (
    SELECT FROM pg_attribute JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attrelid = tables.oid AND attname = 'constitutional_hash' AND attnotnull
      AND pg_get_expr(adbin, adrelid) = '''cdd01ef066bc6cf2''::text'
  ) OR NOT EXISTS (
    SELECT FROM pg_constraint WHERE conrelid = tables.oid
      AND pg_get_constraintdef(pg_constraint.oid) = 'CHECK (platform.is_constitutional_hash(constitutional_hash))'
  )
  UNION ALL SELECT 'without a primary key: ' || relname FROM tables
  WHERE NOT EXISTS (SELECT FROM pg_index WHERE indrelid = tables.oid AND indisprimary)
  UNION ALL SELECT 'an enum, or a time without zone: ' || relname || '.' || attname
  FROM tables JOIN pg_attribute ON attrelid = tables.oid AND attnum > 0 AND NOT attisdropped
  JOIN pg_type ON pg_type.oid = atttypid WHERE typtype = 'e' OR atttypid = 'timestamp'::regtype
  UNION ALL SELECT 'an identity column of a partitioned table: ' || relname FROM tables
  JOIN pg_attribute ON attrelid = tables.oid AND attidentity <> '' WHERE relkind = 'p'
  UNION ALL SELECT 'a foreign key out of the schema: ' || conname FROM pg_constraint JOIN pg_class ON pg_class.oid = confrelid
  WHERE connamespace = $1::regnamespace AND contype = 'f' AND relnamespace <> $1::regnamespace
  UNION ALL SELECT 'no index for the foreign key: ' || conname FROM pg_constraint k
  WHERE contype = 'f' AND connamespace = $1::regnamespace AND conparentid = 0 AND NOT EXISTS (
    SELECT FROM pg_index WHERE indrelid = k.conrelid AND indkey[0] = k.conkey[1])
  UNION ALL SELECT 'not valid: ' || indexrelid::regclass FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
  WHERE relnamespace = $1::regnamespace AND NOT indisvalid
  UNION ALL SELECT 'a partition without its index: ' || leaf.relid::regclass || ' ' || root.indexrelid::regclass
  FROM tables JOIN pg_index root ON root.indrelid = tables.oid, pg_partition_tree(tables.oid) AS leaf
  WHERE relkind = 'p' AND leaf.isleaf AND leaf.relid <> tables.oid AND NOT EXISTS (
    SELECT FROM pg_index i WHERE i.indrelid = leaf.relid AND pg_partition_root(i.indexrelid) = root.indexrelid)
  UNION ALL SELECT 'a search path that is not pinned: ' || proname FROM functions
  WHERE NOT coalesce(proconfig::text LIKE '%search_path=pg_catalog, pg_temp%', false)
  UNION ALL SELECT 'open to PUBLIC: ' || proname FROM functions,
    aclexplode(coalesce(proacl, acldefault('f', proowner))) AS granted WHERE granted.grantee = 0
  UNION ALL SELECT 'open to PUBLIC: ' || relname FROM tables, aclexplode(relacl) AS granted WHERE granted.grantee = 0
  ORDER BY 1`;

const PICTURE = `
  SELECT 'relation ' || oid::regclass || ' ' || relkind::text || ' ' || coalesce(relacl::text, '') || ' '
         || coalesce(reloptions::text, '') || ' ' || coalesce(obj_description(oid, 'pg_class'), '') AS item
  FROM pg_class WHERE relnamespace = $1::text::regnamespace
  UNION ALL SELECT 'function ' || oid::regprocedure || ' ' || proacl::text || ' ' || md5(pg_get_functiondef(oid))
  FROM pg_proc WHERE pronamespace = $1::text::regnamespace
  UNION ALL SELECT 'trigger ' || pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
  WHERE relnamespace = $1::text::regnamespace AND NOT tgisinternal
  UNION ALL SELECT 'index ' || pg_get_indexdef(indexrelid) || indisvalid::text FROM pg_index JOIN pg_class ON oid = indrelid
  WHERE relnamespace = $1::text::regnamespace
  UNION ALL SELECT 'statistics ' || pg_get_statisticsobjdef(oid) FROM pg_statistic_ext WHERE stxnamespace = $1::text::regnamespace
  UNION ALL SELECT concat('job ', jobid, jobname, schedule, username) FROM cron.job WHERE jobname LIKE $1 || '-%'
  UNION ALL SELECT 'policy ' || p::text FROM platform.partition_policies p WHERE schema_name = $1
  ORDER BY item`;
