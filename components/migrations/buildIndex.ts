import { createHash } from "node:crypto";
import type { Statement } from "../../lib/sqlParser.ts";
import { cutToBytes } from "../../lib/text/utf8.ts";
import {
  findAttached,
  findIndex,
  findPartitions,
  findTable,
  findTableAndIndex,
  qualified,
} from "./catalogue.ts";
import type { FoundIndex, Partition, Relation } from "./catalogue.ts";
import { LONGEST_NAME } from "./identifiers.ts";
import { indexOn } from "./indexStatement.ts";
import type { IndexStatement } from "./indexStatement.ts";
import type { RunContext } from "./runContext.ts";
import { runStatement } from "./runStatement.ts";
import { buildOnTable, onlyIndex } from "./desiredIndex.ts";

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
  const { table, index: found } = await findTableAndIndex(context.client, index.table, index.name);
  if (table?.kind === "p") return buildOnPartitioned(context, path, index, table, found);
  const original = { text: statement.text, pieceStart: 0, fileOffset: statement.start };
  // A missing table is for the server to name, with its place in the statement.
  if (!table) return runStatement(context, { path, what: index.name, sent: original });
  const what = `${index.name} on ${table.schema}.${table.name}`;
  await buildOnTable(context, path, index, { table, name: index.name, what, found, sent: original });
}

async function buildOnPartitioned(
  context: RunContext,
  path: string,
  index: IndexStatement,
  table: Relation,
  found: FoundIndex | undefined,
): Promise<void> {
  const what = `${index.name} on ${table.schema}.${table.name}`;
  const root = await onlyIndex(context, path, index, { table, name: index.name, what, found });
  if (root.valid) return;
  const indexes = new Map([[table.oid, root]]);
  const partitions = await findPartitions(context.client, table);
  for (const [i, partition] of partitions.entries()) {
    const parent = indexes.get(partition.parent);
    // Without it, the parent was dropped meanwhile, and this partition with it.
    if (!parent) continue;
    try {
      const what = `${index.name} on ${partition.schema}.${partition.name}, partition ${i + 1} of ${partitions.length}`;
      indexes.set(partition.oid, await indexOfPartition(context, path, index, parent, partition, what));
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
  what: string,
): Promise<FoundIndex> {
  const { client } = context;
  const name = partitionIndexName(partition.name, index.name);
  const [attached, found] = await Promise.all([
    findAttached(client, parent, partition),
    findIndex(client, partition.schema, name),
  ]);
  if (attached) return attached;
  const wanted = { table: partition, name, what, found };
  if (partition.kind === "p") {
    await onlyIndex(context, path, index, wanted);
  } else {
    const sent = indexOn(index, "CONCURRENTLY ", name, qualified(partition));
    await buildOnTable(context, path, index, { ...wanted, sent });
  }
  const child = { schema: partition.schema, name };
  const attach = `ALTER INDEX ${qualified(parent)} ATTACH PARTITION ${qualified(child)}`;
  const sent = { text: attach, pieceStart: attach.length, fileOffset: Infinity };
  await runStatement(context, { path, what, sent });
  return (await findIndex(client, child.schema, child.name))!;
}

/**
 * The name of a partition's index: `<partition>_<index>`, such as `dgm_archive_y2025m06_idx_dgm_archive_status`.
 * A name of more than 63 bytes is cut to 54 and gets `_` and eight hex digits of the whole name's SHA-256.
 */
export function partitionIndexName(partition: string, index: string): string {
  const name = `${partition}_${index}`;
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${cutToBytes(name, LONGEST_NAME - 9)}_${digest}`;
}
