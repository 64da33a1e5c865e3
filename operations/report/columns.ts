import type { Report } from "./schema.ts";
import type { Column } from "../../lib/text/table.ts";
import { count, duration, oneLine, percent, qualified, size } from "../../lib/text/words.ts";

/** The tables of the report: what each column shows. */

/** Of fewer blocks a share says nothing. */
const FEW_BLOCKS = 1_000;

const share = (value: number | null): string => (value === null ? "–" : percent(value));
const orNone = (value: string | null | undefined): string => value ?? "–";
const day = (time: string | null): string => time?.slice(0, 10) ?? "–";
const minute = (time: string | null): string => time?.slice(0, 16).replace("T", " ") ?? "–";

type Row<Name extends keyof Report> = Report[Name] extends readonly (infer One)[] ? One : never;
type Indexes = Report["indexes"];

export const MEMBER: Column<Row<"members">>[] = [
  { title: "server", cell: ({ name }) => name },
  { title: "role", cell: ({ role }) => role },
  { title: "version", cell: ({ state }) => orNone(state?.serverVersion.split(" ")[0]) },
  { title: "counting since", cell: ({ state }) => minute(state?.countingSince ?? null) },
  { title: "database", right: true, cell: ({ state }) => (state ? size(state.databaseBytes) : "–") },
  { title: "cache hits", right: true, cell: ({ state }) => share(state?.hitRatio ?? null) },
  { title: "deadlocks", right: true, cell: ({ state }) => (state ? count(state.deadlocks) : "–") },
  { title: "xid age", right: true, cell: ({ state }) => (state ? count(state.xidAge) : "–") },
];
export const REPLICATION: Column<Row<"replication">>[] = [
  { title: "standby", cell: ({ standby }) => standby },
  { title: "state", cell: ({ state }) => state },
  { title: "sync", cell: ({ syncState }) => syncState },
  { title: "behind", right: true, cell: ({ lagBytes }) => size(lagBytes ?? 0) },
  { title: "time", right: true, cell: ({ lagSeconds }) => duration(lagSeconds) },
];
export const SLOW_QUERY: Column<Row<"slowQueries">>[] = [
  { title: "mean", right: true, cell: ({ meanMs }) => duration(meanMs / 1000) },
  { title: "calls", right: true, cell: ({ calls }) => count(calls) },
  { title: "in all", right: true, cell: ({ totalMs }) => duration(totalMs / 1000) },
  { title: "cache hits", right: true, cell: ({ hitRatio }) => share(hitRatio) },
  { title: "login", cell: ({ login }) => orNone(login) },
  { title: "server", cell: ({ member }) => member },
  { title: "statement", cell: ({ query }) => oneLine(query, 200) },
];
export const INDEX: Column<Indexes["usage"][number]>[] = [
  { title: "index", cell: qualified },
  { title: "scans", right: true, cell: ({ idxScan }) => count(idxScan) },
  {
    title: "a week",
    right: true,
    cell: ({ scansPerWeek }) => (scansPerWeek === null ? "–" : count(scansPerWeek)),
  },
  { title: "size", right: true, cell: ({ sizeBytes }) => size(sizeBytes) },
];
export const UNUSED: Column<Indexes["unused"][number]>[] = [
  { title: "index", cell: qualified },
  { title: "size", right: true, cell: ({ sizeBytes }) => size(sizeBytes) },
];
export const REDUNDANT: Column<Indexes["redundant"][number]>[] = [
  { title: "index", cell: qualified },
  { title: "kind", cell: ({ kind }) => kind },
  { title: "covered by", cell: ({ coveredBy }) => coveredBy },
  { title: "size", right: true, cell: ({ sizeBytes }) => size(sizeBytes) },
];
export const SCANNED: Column<Indexes["scannedTables"][number]>[] = [
  { title: "table", cell: qualified },
  { title: "rows", right: true, cell: ({ estimatedRows }) => count(estimatedRows) },
  { title: "whole scans", right: true, cell: ({ seqScan }) => count(seqScan) },
  { title: "rows each", right: true, cell: ({ seqScan, seqTupRead }) => count(seqTupRead / seqScan) },
  { title: "suggestion", cell: ({ suggestion }) => orNone(suggestion) },
];
export const FOREIGN_KEY: Column<Indexes["unindexedForeignKeys"][number]>[] = [
  { title: "table", cell: qualified },
  { title: "foreign key", cell: ({ constraintName }) => constraintName },
  { title: "columns", cell: ({ columns }) => columns.join(", ") },
  { title: "references", cell: ({ referencedTable }) => referencedTable },
];
export const INVALID: Column<Indexes["invalid"][number]>[] = [
  { title: "index", cell: qualified },
  { title: "size", right: true, cell: ({ sizeBytes }) => size(sizeBytes) },
  {
    title: "being built by",
    right: true,
    cell: ({ builderPid }) => (builderPid === null ? "nobody" : String(builderPid)),
  },
];
export const BLOAT: Column<{
  schemaName: string;
  tableName: string;
  indexName?: string;
  sizeBytes: number;
  bloatBytes: number;
  bloatRatio: number | null;
}>[] = [
  { title: "table or index", cell: qualified },
  { title: "size", right: true, cell: ({ sizeBytes }) => size(sizeBytes) },
  { title: "air", right: true, cell: ({ bloatBytes }) => size(bloatBytes) },
  { title: "share", right: true, cell: ({ bloatRatio }) => share(bloatRatio) },
];
export const TABLE: Column<Row<"tables">>[] = [
  { title: "table", cell: qualified },
  {
    title: "rows",
    right: true,
    // What was not analyzed yet has no estimate.
    cell: ({ estimatedRows, liveRows }) => count(estimatedRows || liveRows),
  },
  { title: "table size", right: true, cell: ({ tableBytes }) => size(tableBytes) },
  { title: "indexes", right: true, cell: ({ indexBytes }) => size(indexBytes) },
  {
    title: "in 7 days",
    right: true,
    cell: ({ growthBytes7d }) =>
      growthBytes7d === null ? "–" : `${growthBytes7d > 0 ? "+" : ""}${size(growthBytes7d)}`,
  },
  { title: "dead", right: true, cell: ({ deadRows }) => count(deadRows) },
  {
    title: "cache hits",
    right: true,
    cell: ({ hitRatio, blksHit, blksRead }) => (blksHit + blksRead < FEW_BLOCKS ? "–" : share(hitRatio)),
  },
  { title: "vacuumed", cell: ({ lastVacuum }) => day(lastVacuum) },
];
export const COVERAGE: Column<Report["partitions"]["coverage"][number]>[] = [
  { title: "table", cell: qualified },
  { title: "months", right: true, cell: ({ months }) => count(months) },
  { title: "from", cell: ({ coveredFrom }) => day(coveredFrom) },
  { title: "to", cell: ({ coveredTo }) => day(coveredTo) },
  {
    title: "ahead",
    right: true,
    cell: ({ monthsAhead, monthsAheadWanted }) => `${monthsAhead} of ${monthsAheadWanted}`,
  },
  { title: "skipped", right: true, cell: ({ skipped }) => count(skipped.length) },
];
export const CONNECTION: Column<Row<"connections">>[] = [
  {
    title: "login",
    cell: ({ login, backendType }) => (backendType === "walsender" ? `${login} (replication)` : login),
  },
  { title: "server", cell: ({ member }) => member },
  { title: "sessions", right: true, cell: ({ connections }) => count(connections) },
  {
    title: "pool's limit",
    right: true,
    cell: ({ poolLimit }) => (poolLimit === null ? "–" : count(poolLimit)),
  },
  { title: "active", right: true, cell: ({ active }) => count(active) },
  { title: "idle in transaction", right: true, cell: ({ idleInTransaction }) => count(idleInTransaction) },
  { title: "waiting for a lock", right: true, cell: ({ waitingForLock }) => count(waitingForLock) },
];
export const POOL: Column<Row<"pools">>[] = [
  { title: "pool", cell: ({ database, user }) => `${user} on ${database}` },
  { title: "pgbouncer", cell: ({ pooler }) => pooler },
  { title: "clients", right: true, cell: ({ clientsActive }) => count(clientsActive) },
  { title: "waiting", right: true, cell: ({ clientsWaiting }) => count(clientsWaiting) },
  { title: "servers busy", right: true, cell: ({ serversActive }) => count(serversActive) },
  { title: "idle", right: true, cell: ({ serversIdle }) => count(serversIdle) },
  { title: "longest wait", right: true, cell: ({ maxWaitSeconds }) => duration(maxWaitSeconds) },
];
export const TRANSACTION: Column<Row<"longTransactions">>[] = [
  { title: "open for", right: true, cell: ({ transactionSeconds }) => duration(transactionSeconds) },
  { title: "login", cell: ({ login }) => orNone(login) },
  { title: "server", cell: ({ member }) => member },
  { title: "state", cell: ({ state }) => orNone(state) },
  { title: "statement", cell: ({ query }) => oneLine(query, 200) },
];
export const PENDING: Column<Row<"pendingRestart">>[] = [
  { title: "parameter", cell: ({ parameter }) => parameter },
  { title: "server", cell: ({ member }) => member },
  { title: "now", cell: ({ current }) => orNone(current) },
  { title: "then", cell: ({ wanted }) => orNone(wanted) },
];
export const CERTIFICATE: Column<Row<"certificates">>[] = [
  { title: "certificates of", cell: ({ of }) => of },
  { title: "end", cell: ({ endsAt }) => minute(endsAt) },
  { title: "days left", right: true, cell: ({ daysLeft }) => String(daysLeft) },
];
export const JOB: Column<Row<"jobs">>[] = [
  { title: "job", cell: ({ jobName }) => orNone(jobName) },
  { title: "schedule (GMT)", cell: ({ schedule }) => schedule },
  { title: "last run", cell: ({ lastStart }) => minute(lastStart) },
  { title: "result", cell: ({ lastStatus }) => lastStatus ?? "not yet run" },
  { title: "message", cell: ({ lastMessage }) => oneLine(lastMessage ?? "", 120) },
];
export const UPKEEP: Column<Row<"upkeep">>[] = [
  { title: "planned", cell: ({ plannedAt }) => minute(plannedAt) },
  { title: "task", cell: ({ kind }) => kind },
  { title: "of", cell: ({ targetNames }) => targetNames },
  { title: "result", cell: ({ status }) => status },
  {
    title: "size",
    right: true,
    cell: ({ bytesBefore, bytesAfter }) =>
      bytesBefore === null
        ? "–"
        : bytesAfter === null
          ? size(bytesBefore)
          : `${size(bytesBefore)} → ${size(bytesAfter)}`,
  },
];
