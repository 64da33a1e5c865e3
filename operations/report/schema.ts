import { z } from "zod";
import {
  bytes,
  connectionUse,
  count,
  indexName,
  indexUse,
  longTransaction,
  name,
  PRIMARY_VIEWS,
  seconds,
  slowQuery,
  state,
  tableStatistics,
  text,
  time,
} from "./views.ts";

/** How urgent advice is, the most urgent first. */
export const SEVERITIES = ["critical", "warning", "info"] as const;
/** One of {@link SEVERITIES}. */
export type Severity = (typeof SEVERITIES)[number];

const advice = z.strictObject({
  severity: z.enum(SEVERITIES),
  topic: name,
  /** What it is about, such as a table. */
  subject: name,
  /** Why, with the figures. */
  reason: name,
  /** What to type. */
  command: name,
});
/** What is to be done, about what, why, and what to type. */
export type Advice = z.infer<typeof advice>;

const member = z.strictObject({
  name,
  role: z.enum(["primary", "replica", "not reached"]),
  /** Why it was not reached. */
  fault: text.nullable(),
  state: state.nullable(),
});

const onMember = { member: name };

/** A table's whole scans on all members, with what would serve the costliest statement that reads it. */
const scannedTable = z.strictObject({
  schemaName: name,
  tableName: name,
  estimatedRows: count,
  seqScan: count,
  seqTupRead: count,
  idxScan: count,
  statements: z.array(z.strictObject({ query: text, calls: count, totalMs: z.number() })),
  /** A `CREATE INDEX` statement; null where no statement tells. */
  suggestion: text.nullable(),
});

/**
 * The report of a running stack, as `npm run report -- --json` writes it. Times are ISO 8601 in UTC, sizes bytes,
 * shares 0 to 1. Names are stable; a change that is none of adding raises `version`.
 */
export const reportSchema = z.strictObject({
  version: z.literal(1),
  generatedAt: time,
  stack: name,
  /** Starts the names of its containers. */
  prefix: name,
  database: name,
  thresholds: z.record(z.string(), z.number()),
  members: z.array(member).min(1),
  advice: z.array(advice),
  slowQueries: z.array(slowQuery.extend(onMember)),
  indexes: z.strictObject({
    /** Scans of all members that were reached, added up. */
    usage: z.array(
      indexUse.omit({ hitRatio: true, idxTupRead: true }).extend({
        scansByMember: z.record(name, count),
        scansPerWeek: z.number().nullable(),
      }),
    ),
    /** Keys enforced aside, those without a scan on any member. */
    unused: z.array(z.strictObject({ ...indexName, sizeBytes: bytes, definition: name })),
    /** Days that all members have counted; null when one was not reached, and none can be called unused. */
    observedDays: z.number().min(0).nullable(),
    redundant: z.array(PRIMARY_VIEWS.redundantIndexes),
    invalid: z.array(PRIMARY_VIEWS.invalidIndexes),
    unindexedForeignKeys: z.array(PRIMARY_VIEWS.unindexedForeignKeys),
    scannedTables: z.array(scannedTable),
  }),
  bloat: z.strictObject({
    tables: z.array(PRIMARY_VIEWS.tableBloat),
    indexes: z.array(PRIMARY_VIEWS.indexBloat),
  }),
  tables: z.array(tableStatistics),
  partitions: z.strictObject({
    coverage: z.array(PRIMARY_VIEWS.partitionCoverage),
    sizes: z.array(PRIMARY_VIEWS.partitionSizes),
  }),
  connections: z.array(
    connectionUse.extend({
      ...onMember,
      /** Server connections that its pool may open; null for logins without one. */
      poolLimit: count.nullable(),
    }),
  ),
  pools: z.array(
    z.strictObject({
      pooler: name,
      database: name,
      user: name,
      clientsActive: count,
      clientsWaiting: count,
      serversActive: count,
      serversIdle: count,
      maxWaitSeconds: seconds,
    }),
  ),
  replication: z.array(PRIMARY_VIEWS.replication),
  longTransactions: z.array(longTransaction.extend(onMember)),
  pendingRestart: z.array(
    z.strictObject({ member: name, parameter: name, current: text.nullable(), wanted: text.nullable() }),
  ),
  /** The first of the servers' certificates to end, and the authority's own. Days are whole, and below 0 when it is over. */
  certificates: z.array(
    z.strictObject({ of: z.enum(["servers", "authority"]), endsAt: time, daysLeft: z.int() }),
  ),
  jobs: z.array(PRIMARY_VIEWS.scheduledJobs),
  upkeep: z.array(PRIMARY_VIEWS.upkeepTasks),
  /** What could not be asked, and why. */
  notes: z.array(text),
});

/** What {@link reportSchema} describes. */
export type Report = z.infer<typeof reportSchema>;
/** A report before it is judged. */
export type Findings = Omit<Report, "advice">;
