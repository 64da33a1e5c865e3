import { createHash } from "node:crypto";
import pg from "pg";
import { findAttached, findIndex, findPartitions, findTable, qualified } from "./catalogue.ts";
import type { FoundIndex, Partition, Relation } from "./catalogue.ts";
import { checkDefinition } from "./indexDefinition.ts";
import type { IndexStatement } from "./indexStatement.ts";
import type { RunContext } from "./runContext.ts";
import { runStatement } from "./runStatement.ts";
import type { SentText } from "./sqlFileError.ts";
import type { Statement } from "./sqlStatements.ts";

/**
 * Sees a `CREATE INDEX CONCURRENTLY` through to a valid index.
 *
 * - A valid index of this name and definition is passed over.
 * - An invalid one, which a failed build has left, is dropped concurrently and built again.
 * - On a partitioned table, where PostgreSQL cannot build concurrently, the index is made `ON ONLY` the table
 *   (a matter of the catalogue), then concurrently on each partition at any depth, and each is attached at
 *   once. Partitions that come meanwhile get theirs from the server. What is attached already is passed over.
 */
export async function buildIndex(
  context: RunContext,
  path: string,
  statement: Statement,
  index: IndexStatement,
): Promise<void> {
  const table = await findTable(context.client, index.table);
  if (table?.kind === "p") return buildOnPartitioned(context, path, index, table);
  const original = { text: statement.text, pieceStart: 0, fileOffset: statement.start };
  // A missing table is for the server to name, with its place in the statement.
  if (!table) return runStatement(context, path, original, false);
  await buildOnTable(context, path, index, table, index.name, original);
}

async function buildOnTable(
  context: RunContext,
  path: string,
  index: IndexStatement,
  table: Relation,
  name: string,
  sent: SentText,
): Promise<void> {
  await runStatement(context, path, sent, true, async () => {
    const found = await findIndex(context.client, table.schema, name);
    if (!found) return true;
    refuseStranger(found, table);
    if (found.valid) {
      await checkDefinition(context.client, index, table, found);
      return false;
    }
    if (found.builder !== null) throw beingBuilt(found);
    context.log(`${path}: drops invalid index ${found.schema}.${name}, which a failed build has left`);
    await context.client.query(`SET lock_timeout = ${context.retry.patientLockTimeoutMs}`);
    await context.client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${qualified(found)}`);
    return true;
  });
}

async function buildOnPartitioned(
  context: RunContext,
  path: string,
  index: IndexStatement,
  table: Relation,
): Promise<void> {
  const root = await onlyIndex(context, path, index, table, index.name);
  if (root.valid) return;
  const indexes = new Map([[table.oid, root]]);
  const partitions = await findPartitions(context.client, table);
  for (const partition of partitions) {
    const parent = indexes.get(partition.parent);
    // Without it, the parent was dropped meanwhile, and this partition with it.
    if (!parent) continue;
    try {
      indexes.set(partition.oid, await indexOfPartition(context, path, index, parent, partition));
    } catch (error) {
      // Retention may drop a partition at any time: an index on it is no longer wanted. A broken session
      // cannot tell, and its first error says why.
      if (await findTable(context.client, qualified(partition)).catch(() => partition)) throw error;
    }
  }
  const built = await findIndex(context.client, table.schema, index.name);
  if (!built?.valid) {
    throw new Error(`index ${table.schema}.${index.name} is not valid: some partition could not carry it`);
  }
  context.log(
    `${path}: ${index.name} built on ${partitions.length} partitions of ${table.schema}.${table.name}`,
  );
}

/** The index of a partition, built where it is missing, and attached to its parent's. */
async function indexOfPartition(
  context: RunContext,
  path: string,
  index: IndexStatement,
  parent: FoundIndex,
  partition: Partition,
): Promise<FoundIndex> {
  const attached = await findAttached(context.client, parent, partition);
  if (attached) return attached;
  const name = partitionIndexName(partition.name, index.name);
  if (partition.kind === "p") {
    await onlyIndex(context, path, index, partition, name);
  } else {
    const sent = indexOn(index, "CONCURRENTLY ", name, qualified(partition));
    await buildOnTable(context, path, index, partition, name, sent);
  }
  const child = { schema: partition.schema, name };
  const attach = `ALTER INDEX ${qualified(parent)} ATTACH PARTITION ${qualified(child)}`;
  await runStatement(context, path, { text: attach, pieceStart: attach.length, fileOffset: Infinity }, false);
  return (await findIndex(context.client, child.schema, child.name))!;
}

/** The index on a partitioned table alone, which becomes valid when all partitions have theirs. */
async function onlyIndex(
  context: RunContext,
  path: string,
  index: IndexStatement,
  table: Relation,
  name: string,
): Promise<FoundIndex> {
  let found: FoundIndex | undefined;
  await runStatement(context, path, indexOn(index, "", name, `ONLY ${qualified(table)}`), false, async () => {
    found = await findIndex(context.client, table.schema, name);
    if (!found) return true;
    refuseStranger(found, table);
    await checkDefinition(context.client, index, table, found);
    return false;
  });
  return found ?? (await findIndex(context.client, table.schema, name))!;
}

/** The statement for another name and table, which remembers where its definition stands in the file. */
function indexOn(index: IndexStatement, concurrently: string, name: string, table: string): SentText {
  const head = `CREATE ${index.unique ? "UNIQUE " : ""}INDEX ${concurrently}${pg.escapeIdentifier(name)} ON ${table} `;
  return { text: head + index.definition, pieceStart: head.length, fileOffset: index.definitionStart };
}

function refuseStranger(found: FoundIndex, table: Relation): void {
  if (found.table === table.oid) return;
  throw new Error(
    `${found.schema}.${found.name} is there, and is no index of ${table.schema}.${table.name}: take another name`,
  );
}

/** Passes for a lock timeout, so that it is tried again: when the builder is through, the index is valid. */
function beingBuilt(found: FoundIndex): Error {
  const message = `index ${found.schema}.${found.name} is being built by process ${found.builder}`;
  return Object.assign(new Error(message), { code: "55P03" });
}

/** The longest name that PostgreSQL keeps, in bytes. */
const LONGEST_NAME = 63;

/**
 * The name of a partition's index: `<partition>_<index>`, such as `dgm_archive_y2025m06_idx_dgm_archive_status`.
 * A name of more than 63 bytes is cut to 54 and gets `_` and eight hex digits of the whole name's SHA-256.
 */
export function partitionIndexName(partition: string, index: string): string {
  const name = `${partition}_${index}`;
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 8);
  let cut = name;
  while (Buffer.byteLength(cut) > LONGEST_NAME - 9) cut = Array.from(cut).slice(0, -1).join("");
  return `${cut}_${digest}`;
}
