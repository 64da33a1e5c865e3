import type { Advice, Findings } from "../schema.ts";
import { count, oneLine, percent, qualified, size } from "../../../lib/text/words.ts";

const TOPIC = "indexes";
const GIB = 1024 ** 3;
const LARGE = 100 * 1024 ** 2;
/** Below this an index, or a table without one, costs nobody anything. */
const WORTH_IT = 1024 ** 2;
const FEW_ROWS = 1_000;

/** What is wrong with indexes, and what is missing. */
export function indexAdvice(findings: Findings): Advice[] {
  return [
    ...invalid(findings),
    ...unindexedKeys(findings),
    ...scanned(findings),
    ...redundant(findings),
    ...unused(findings),
    ...bloated(findings),
  ];
}

/** Where the project builds its indexes: what is not changed there, the next update brings back or does not know. */
const inFile = (schema: string): string => `-- in sql/${schema}/R__indexes.sql, then: npm run up`;

function invalid({ indexes }: Findings): Advice[] {
  return indexes.invalid
    .filter(({ builderPid }) => builderPid === null)
    .map((index) => ({
      severity: index.isLeftover ? "info" : "warning",
      topic: TOPIC,
      subject: qualified(index),
      reason: index.isLeftover
        ? `left by a REINDEX CONCURRENTLY that was cut off (${size(index.sizeBytes)}): it serves no query and costs every write. The nightly upkeep drops it`
        : `invalid: its build has failed, so it serves no query (${size(index.sizeBytes)}) but costs every write`,
      command: index.isLeftover
        ? `DROP INDEX CONCURRENTLY ${qualified(index)};`
        : "npm run up  # drops what a failed build has left, and builds it again",
    }));
}

function unindexedKeys({ indexes, tables }: Findings): Advice[] {
  return indexes.unindexedForeignKeys.flatMap((key): Advice[] => {
    const table = tables.find((one) => one.schemaName === key.schemaName && one.tableName === key.tableName);
    const referenced = tables.find((one) => qualified(one) === key.referencedTable);
    const rows = Math.max(table?.estimatedRows ?? 0, table?.liveRows ?? 0);
    const deletes = referenced?.rowsDeleted ?? 0;
    if (rows < FEW_ROWS) return [];
    const columns = key.columns.join(", ");
    return [
      {
        severity: rows >= 100_000 && deletes > 0 ? "warning" : "info",
        topic: TOPIC,
        subject: qualified(key),
        reason:
          `foreign key ${key.constraintName} (${columns}) has no index: each delete in ${key.referencedTable} ` +
          `(${count(deletes)} so far) reads all ${count(rows)} rows`,
        command:
          `CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_${key.tableName}_${key.columns.join("_")} ` +
          `ON ${qualified(key)} (${columns});  ${inFile(key.schemaName)}`,
      },
    ];
  });
}

function scanned({ indexes }: Findings): Advice[] {
  return indexes.scannedTables.map((table) => ({
    severity: "warning",
    topic: TOPIC,
    subject: qualified(table),
    reason:
      `read whole ${count(table.seqScan)} times, ${count(table.seqTupRead / table.seqScan)} rows each time ` +
      `(${count(table.idxScan)} index scans)` +
      (table.statements[0] ? `; most time takes: ${oneLine(table.statements[0].query, 160)}` : ""),
    command: table.suggestion
      ? `${table.suggestion}  -- try it with EXPLAIN; ${inFile(table.schemaName).slice(3)}`
      : `SELECT calls, total_exec_time, query FROM public.pg_stat_statements WHERE query ~ '${table.tableName}' ORDER BY 2 DESC;`,
  }));
}

/** Once for each index, however many others can do its work. */
function redundant({ indexes }: Findings): Advice[] {
  type Index = (typeof indexes.redundant)[number];
  const same = (a: Index) => (b: Index) => a.schemaName === b.schemaName && a.indexName === b.indexName;
  const once = indexes.redundant.filter((index, i, all) => all.findIndex(same(index)) === i);
  return once.flatMap((index): Advice[] => {
    const pairs = indexes.redundant.filter(same(index));
    const duplicate = pairs.some(({ kind }) => kind === "duplicate");
    if (!duplicate && index.sizeBytes < WORTH_IT) return [];
    const others = pairs.map(({ coveredBy, kind }) =>
      kind === "duplicate" ? `${coveredBy} has the same columns` : `${coveredBy} begins with its columns`,
    );
    return [
      {
        severity: duplicate && index.sizeBytes >= LARGE ? "warning" : "info",
        topic: TOPIC,
        subject: qualified(index),
        reason: `${others.join(", ")}: it can do the work. This one takes ${size(index.sizeBytes)}, and its part of every write`,
        command: dropping(index, findingsUsage(indexes, index)),
      },
    ];
  });
}

function unused({ indexes }: Findings): Advice[] {
  const worthIt = indexes.unused.filter(({ sizeBytes }) => sizeBytes >= WORTH_IT);
  return worthIt.map((index) => ({
    severity: index.sizeBytes >= LARGE ? "warning" : "info",
    topic: TOPIC,
    subject: qualified(index),
    reason: `not used by any member in ${indexes.observedDays ?? 0} days: ${size(index.sizeBytes)}, and every write, for nothing`,
    command: dropping(index, findingsUsage(indexes, index)),
  }));
}

function bloated({ bloat }: Findings): Advice[] {
  return bloat.indexes.map((index) => {
    const byHand = index.sizeBytes > 10 * GIB;
    return {
      severity: byHand ? "warning" : "info",
      topic: TOPIC,
      subject: qualified(index),
      reason:
        `an estimated ${percent(index.bloatRatio ?? 0)} of ${size(index.sizeBytes)} is air. ` +
        (byHand ? "Too large for the weekly rebuild" : "The weekly upkeep measures and rebuilds it"),
      command: `REINDEX INDEX CONCURRENTLY ${qualified(index)};`,
    };
  });
}

function findingsUsage(
  { usage }: Findings["indexes"],
  index: { schemaName: string; indexName: string },
): Findings["indexes"]["usage"][number] | undefined {
  return usage.find((one) => one.schemaName === index.schemaName && one.indexName === index.indexName);
}

/** PostgreSQL cannot drop the index of a partitioned table concurrently. */
function dropping(
  index: { schemaName: string; indexName: string; definition: string },
  usage: { physicalIndexes: number } | undefined,
): string {
  const partitioned = / ON ONLY /.test(index.definition) || (usage?.physicalIndexes ?? 1) > 1;
  const drop = partitioned
    ? `SET lock_timeout = '2s'; DROP INDEX ${qualified(index)};`
    : `DROP INDEX CONCURRENTLY ${qualified(index)};`;
  return `${drop}  -- first take it out of sql/${index.schemaName}/R__indexes.sql`;
}
