/**
 * From where on the report gives advice. The first three are the requirements' ("DGM Database Performance
 * Optimization", Alert Configuration); the others are ours.
 */
export const THRESHOLDS = {
  /** Mean execution time in ms of a slow query; `platform.slow_queries` has the same. */
  slowQueryMs: 200,
  /** Connections in use, as a share of those the server takes. */
  connectionUtilization: 0.8,
  /** Share of blocks found in shared buffers. */
  cacheHitRatio: 0.9,
  /** Below this many blocks a hit ratio says nothing. */
  cacheBlocks: 100_000,

  /** A table that whole scans are worth an index for: its rows, scans, and rows read by a scan. */
  scannedRows: 10_000,
  scans: 50,
  /** Days without use until an index is called unused. */
  unusedDays: 7,
  /** Air in a table or index, as a share and in bytes. */
  bloatRatio: 0.4,
  bloatBytes: 10 * 1024 * 1024,
  /** Dead rows, as a share and as a number. */
  deadRatio: 0.2,
  deadRows: 10_000,

  /** A job that runs for longer: pg_cron 1.4 starts no other meanwhile. */
  jobSeconds: 900,
  longTransactionSeconds: 300,
  idleInTransactionSeconds: 60,
  replicationLagSeconds: 30,
  replicationLagBytes: 256 * 1024 * 1024,
  poolWaitSeconds: 1,
  /** Days until a certificate ends. The first `up` in each third of its time makes a new one. */
  certificateDays: 14,
  /** Transactions since the oldest unfrozen one; at 2.1 billion the server stops taking writes. */
  xidAge: 500_000_000,
} as const;
