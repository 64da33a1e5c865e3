import { z } from "zod";

/** A number of things. */
export const count = z.int().min(0);
/** A size in bytes. */
export const bytes = z.int().min(0);
/** A duration in seconds. */
export const seconds = z.number();
/** A share from 0 to 1; null while nothing was counted. */
export const ratio = z.number().min(0).max(1).nullable();
/** A moment: ISO 8601 in UTC. */
export const time = z.iso.datetime();
/** Any text, also none. */
export const text = z.string();
/** A text that is not empty. */
export const name = z.string().min(1);

/** One server as it was found. */
export const state = z.strictObject({
  serverVersion: name,
  isReplica: z.boolean(),
  startedAt: time,
  /** From when on its counters count. */
  countingSince: time,
  maxConnections: count,
  reservedConnections: count,
  connections: count,
  databaseBytes: bytes,
  blksHit: count,
  blksRead: count,
  hitRatio: ratio,
  commits: count,
  rollbacks: count,
  deadlocks: count,
  conflicts: count,
  tempBytes: bytes,
  checksumFailures: count.nullable(),
  xidAge: count,
  multixactAge: count,
  freezeMaxAge: count,
  /** Of replicas. The first grows on an idle primary, too. */
  secondsSinceReplay: seconds.nullable(),
  replayGapBytes: z.int().nullable(),
  statementsEvicted: count,
  statementsSince: time.nullable(),
  /** Parameters whose new value waits for a restart. */
  pendingRestart: z.array(name),
  /** Whether pg_cron is at work. */
  schedulerRunning: z.boolean(),
});

/** Sessions of one login and kind on one server (`platform.connection_use`). */
export const connectionUse = z.strictObject({
  login: name,
  backendType: name,
  connections: count,
  active: count,
  idle: count,
  idleInTransaction: count,
  waitingForLock: count,
  longestIdleInTransactionS: seconds.nullable(),
});

/** One open transaction, longest first (`platform.long_transactions`). */
export const longTransaction = z.strictObject({
  pid: z.int(),
  login: name.nullable(),
  application: text,
  state: text.nullable(),
  transactionSeconds: seconds,
  stateSeconds: seconds.nullable(),
  waitEventType: text.nullable(),
  waitEvent: text.nullable(),
  blockedBy: count,
  query: text,
});

/** A statement of 200 ms or more on average (`platform.slow_queries`). Times in ms. */
export const slowQuery = z.strictObject({
  login: name.nullable(),
  /** Of 64 bits, and so a string: a number of JSON does not hold it. */
  queryid: z.coerce.string(),
  query: text,
  calls: count,
  meanMs: z.number(),
  maxMs: z.number(),
  totalMs: z.number(),
  rows: count,
  hitRatio: ratio,
  tempBytes: bytes,
});

/** The columns by which an index is named. */
export const indexName = { schemaName: name, tableName: name, indexName: name };

/** Use of one index on one server, partitions added up (`platform.index_usage`). */
export const indexUse = z.strictObject({
  ...indexName,
  method: name,
  idxScan: count,
  idxTupRead: count,
  hitRatio: ratio,
  physicalIndexes: count,
  sizeBytes: bytes,
  /** Whether it enforces a key. */
  enforces: z.boolean(),
  definition: name,
});

/** Size and use of one table on one server, partitions added up (`platform.table_statistics`). */
export const tableStatistics = z.strictObject({
  schemaName: name,
  tableName: name,
  partitions: count,
  estimatedRows: count,
  liveRows: count,
  deadRows: count,
  rowsInserted: count,
  rowsUpdated: count,
  rowsDeleted: count,
  seqScan: count,
  seqTupRead: count,
  idxScan: count,
  blksHit: count,
  blksRead: count,
  hitRatio: ratio,
  tableBytes: bytes,
  indexBytes: bytes,
  totalBytes: bytes,
  growthBytes7d: z.int().nullable(),
  lastVacuum: time.nullable(),
  lastAnalyze: time.nullable(),
  xidAge: count,
});

/** Rows of the views that every server answers for itself, by their names in `platform`. */
export const MEMBER_VIEWS = {
  serverState: state,
  connectionUse,
  longTransactions: longTransaction,
  slowQueries: slowQuery,
  indexUsage: indexUse,
  tableStatistics,
} as const;

/** Rows of the views that are the same on every server, or that only the primary can answer. */
export const PRIMARY_VIEWS = {
  replication: z.strictObject({
    standby: text,
    state: name,
    syncState: name,
    lagBytes: z.int().nullable(),
    lagSeconds: seconds,
  }),
  redundantIndexes: z.strictObject({
    ...indexName,
    kind: z.enum(["duplicate", "prefix"]),
    coveredBy: name,
    definition: name,
    coveringDefinition: name,
    sizeBytes: bytes,
  }),
  invalidIndexes: z.strictObject({
    ...indexName,
    isLeftover: z.boolean(),
    builderPid: z.int().nullable(),
    sizeBytes: bytes,
  }),
  unindexedForeignKeys: z.strictObject({
    schemaName: name,
    tableName: name,
    constraintName: name,
    referencedTable: name,
    columns: z.array(name).min(1),
    actsOnDelete: z.boolean(),
  }),
  indexUsageTrend: z.strictObject({
    ...indexName,
    measuredFrom: z.iso.date(),
    measuredTo: z.iso.date(),
    scansPerWeek: z.number(),
    growthBytes: z.int(),
  }),
  indexBloat: z.strictObject({
    ...indexName,
    indexOid: count,
    sizeBytes: bytes,
    bloatBytes: bytes,
    bloatRatio: ratio,
  }),
  tableBloat: z.strictObject({
    schemaName: name,
    tableName: name,
    sizeBytes: bytes,
    bloatBytes: bytes,
    bloatRatio: ratio,
  }),
  partitionCoverage: z.strictObject({
    schemaName: name,
    tableName: name,
    months: count,
    coveredFrom: time.nullable(),
    coveredTo: time.nullable(),
    monthsAheadWanted: count,
    monthsAhead: count,
    /** Partitions that the last rounds could not make, change or drop. */
    skipped: z.array(z.strictObject({ partition: name, sqlstate: name, reason: name, since: time })),
  }),
  partitionSizes: z.strictObject({
    schemaName: name,
    tableName: name,
    partitionName: name,
    rangeStart: time.nullable(),
    rangeEnd: time.nullable(),
    listBound: text.nullable(),
    estimatedRows: count,
    tableBytes: bytes,
    indexBytes: bytes,
    totalBytes: bytes,
  }),
  scheduledJobs: z.strictObject({
    jobName: name.nullable(),
    schedule: name,
    login: name,
    active: z.boolean(),
    lastStart: time.nullable(),
    lastEnd: time.nullable(),
    lastStatus: text.nullable(),
    lastMessage: text.nullable(),
    lastSuccess: time.nullable(),
    failures7d: count,
  }),
  upkeepTasks: z.strictObject({
    kind: name,
    targetNames: text,
    reason: text,
    status: name,
    attempts: count,
    plannedAt: time,
    finishedAt: time.nullable(),
    message: text.nullable(),
    bytesBefore: bytes.nullable(),
    bytesAfter: bytes.nullable(),
  }),
} as const;

type Rows<Views extends Record<string, z.ZodType>> = { [View in keyof Views]: z.infer<Views[View]>[] };
/** Rows of {@link MEMBER_VIEWS}. */
export type MemberViews = Rows<typeof MEMBER_VIEWS>;
/** Rows of {@link PRIMARY_VIEWS}. */
export type PrimaryViews = Rows<typeof PRIMARY_VIEWS>;
