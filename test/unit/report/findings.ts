import type { Findings, Report } from "../../../operations/report/schema.ts";
import { THRESHOLDS } from "../../../operations/report/thresholds.ts";

type State = NonNullable<Report["members"][number]["state"]>;

const START = "2026-11-01T00:00:00.000Z";

export function member(name: string, state: Partial<State> = {}): Report["members"][number] {
  const isReplica = state.isReplica ?? name !== "postgres-1";
  return {
    name,
    role: isReplica ? "replica" : "primary",
    fault: null,
    state: {
      serverVersion: "15.20 (Debian)",
      isReplica,
      startedAt: START,
      countingSince: START,
      maxConnections: 200,
      reservedConnections: 10,
      connections: 20,
      databaseBytes: 1e9,
      blksHit: 999_000,
      blksRead: 1_000,
      hitRatio: 0.999,
      commits: 1e6,
      rollbacks: 0,
      deadlocks: 0,
      conflicts: 0,
      tempBytes: 0,
      checksumFailures: 0,
      xidAge: 1_000,
      multixactAge: 1,
      freezeMaxAge: 200_000_000,
      secondsSinceReplay: isReplica ? 0 : null,
      replayGapBytes: isReplica ? 0 : null,
      statementsEvicted: 0,
      statementsSince: START,
      pendingRestart: [],
      schedulerRunning: !isReplica,
      ...state,
    },
  };
}

/** A primary and a replica that want for nothing, but for what is given. */
export function healthy(trouble: Partial<Findings> = {}): Findings {
  return {
    version: 1,
    generatedAt: "2026-11-21T12:00:00.000Z",
    stack: "dev",
    prefix: "acgs-dev",
    database: "acgs_db",
    thresholds: THRESHOLDS,
    members: [member("postgres-1"), member("postgres-2")],
    slowQueries: [],
    indexes: {
      usage: [],
      unused: [],
      observedDays: 20.5,
      redundant: [],
      invalid: [],
      unindexedForeignKeys: [],
      scannedTables: [],
    },
    bloat: { tables: [], indexes: [] },
    tables: [],
    partitions: { coverage: [], sizes: [] },
    connections: [],
    pools: [],
    replication: [standby()],
    longTransactions: [],
    pendingRestart: [],
    certificates: [
      { of: "servers", endsAt: "2027-03-21T12:00:00.000Z", daysLeft: 120 },
      { of: "authority", endsAt: "2036-11-18T12:00:00.000Z", daysLeft: 3650 },
    ],
    jobs: [],
    upkeep: [],
    notes: [],
    ...trouble,
  };
}

export function standby(trouble: Partial<Report["replication"][number]> = {}): Report["replication"][number] {
  return {
    standby: "postgres-2",
    state: "streaming",
    syncState: "quorum",
    lagBytes: 0,
    lagSeconds: 0,
    ...trouble,
  };
}

export function table(
  name: string,
  figures: Partial<Report["tables"][number]> = {},
): Report["tables"][number] {
  const [schemaName, tableName] = name.split(".") as [string, string];
  return {
    schemaName,
    tableName,
    partitions: 0,
    estimatedRows: 1_000,
    liveRows: 1_000,
    deadRows: 0,
    rowsInserted: 0,
    rowsUpdated: 0,
    rowsDeleted: 0,
    seqScan: 0,
    seqTupRead: 0,
    idxScan: 0,
    blksHit: 0,
    blksRead: 0,
    hitRatio: null,
    tableBytes: 0,
    indexBytes: 0,
    totalBytes: 0,
    growthBytes7d: null,
    lastVacuum: START,
    lastAnalyze: START,
    xidAge: 1,
    ...figures,
  };
}
