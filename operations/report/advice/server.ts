import { APPLICATION_LOGIN, DATABASE, READ_DATABASE } from "../../../lib/names.ts";
import type { Advice, Findings } from "../schema.ts";
import { THRESHOLDS } from "../thresholds.ts";
import { count, duration, oneLine, percent, size } from "../../../lib/text/words.ts";

/** Members, connections, cache, replication, transactions, restarts, certificates. */
export function serverAdvice(findings: Findings): Advice[] {
  return [
    ...members(findings),
    ...connections(findings),
    ...pools(findings),
    ...cache(findings),
    ...replication(findings),
    ...transactions(findings),
    ...restarts(findings),
    ...certificates(findings),
  ];
}

function members({ members }: Findings): Advice[] {
  return members.flatMap(({ name, fault, state }): Advice[] => {
    if (!state) {
      return [
        {
          severity: "warning",
          topic: "members",
          subject: name,
          reason: `could not be asked (${fault ?? "unknown"}): what it uses is not known, so no index is called unused`,
          command: `docker ps --all --filter name=${name}`,
        },
      ];
    }
    if (!state.checksumFailures) return [];
    return [
      {
        severity: "critical",
        topic: "members",
        subject: name,
        reason: `${count(state.checksumFailures)} pages were damaged on disk`,
        command:
          "SELECT * FROM pg_stat_database WHERE checksum_failures > 0;  -- then replace the member's volume",
      },
    ];
  });
}

function connections({ members, connections }: Findings): Advice[] {
  const full = members.flatMap(({ name, state }): Advice[] => {
    if (!state) return [];
    const used = sum(
      connections.filter((use) => use.member === name && use.backendType === "client backend"),
    );
    const share = used / (state.maxConnections - state.reservedConnections);
    if (share < THRESHOLDS.connectionUtilization) return [];
    const most = connections
      .filter((use) => use.member === name)
      .sort((a, b) => b.connections - a.connections)
      .slice(0, 3)
      .map((use) => `${use.login} ${use.connections}`);
    return [
      {
        severity: share >= 0.95 ? "critical" : "warning",
        topic: "connections",
        subject: name,
        reason: `${used} of ${state.maxConnections} connections (${percent(share)}) are taken, most by ${most.join(", ")}`,
        command: "SELECT * FROM platform.connection_use ORDER BY connections DESC;",
      },
    ];
  });
  const forgotten = connections
    .filter((use) => (use.longestIdleInTransactionS ?? 0) >= THRESHOLDS.idleInTransactionSeconds)
    .map((use): Advice => ({
      severity: "warning",
      topic: "connections",
      subject: `${use.login} on ${use.member}`,
      reason: `${use.idleInTransaction} sessions idle in a transaction, the longest for ${duration(use.longestIdleInTransactionS!)}`,
      command: "SELECT * FROM platform.long_transactions WHERE state LIKE 'idle in transaction%';",
    }));
  return [...full, ...forgotten];
}

function sum(uses: readonly { connections: number }[]): number {
  return uses.reduce((total, use) => total + use.connections, 0);
}

function pools({ pools }: Findings): Advice[] {
  return pools
    .filter(
      ({ clientsWaiting, maxWaitSeconds }) =>
        clientsWaiting > 0 && maxWaitSeconds >= THRESHOLDS.poolWaitSeconds,
    )
    .map((pool) => ({
      severity: "warning",
      topic: "connections",
      subject: `pool of ${pool.user} on ${pool.database} (${pool.pooler})`,
      reason:
        `${pool.clientsWaiting} clients wait for a server connection, the longest for ${duration(pool.maxWaitSeconds)}; ` +
        `${pool.serversActive} are busy`,
      command: `npm run pulumi -- config set --path 'acgs-db:${sizeKey(pool)}' <more>  # then: npm run up`,
    }));
}

/** Of the entry and not of its user, which may be a second login. Reads from replicas share one key over all logins. */
function sizeKey({ database }: { database: string }): string {
  if (database === READ_DATABASE) return "pgbouncer.reader.size";
  return `pgbouncer.pools.${database === DATABASE ? APPLICATION_LOGIN : database}.size`;
}

function cache({ members, tables }: Findings): Advice[] {
  const low = (row: { blksHit: number; blksRead: number; hitRatio: number | null }): boolean =>
    row.blksHit + row.blksRead >= THRESHOLDS.cacheBlocks && (row.hitRatio ?? 1) < THRESHOLDS.cacheHitRatio;
  const reason = (row: { blksRead: number; hitRatio: number | null }): string =>
    `only ${percent(row.hitRatio ?? 0)} of its blocks were in shared buffers, ${count(row.blksRead)} were read`;
  const servers = members.flatMap(({ name, state }): Advice[] =>
    state && low(state)
      ? [
          {
            severity: "warning",
            topic: "cache",
            subject: name,
            reason: reason(state),
            command:
              "npm run pulumi -- config set --path 'acgs-db:postgres.memoryMb' <more>  # shared_buffers follows; then: npm run up",
          },
        ]
      : [],
  );
  const single = tables.filter(low).map((table): Advice => ({
    severity: "info",
    topic: "cache",
    subject: `${table.schemaName}.${table.tableName}`,
    reason: reason(table),
    command: `SELECT query FROM platform.slow_queries WHERE query ~ '${table.tableName}' ORDER BY hit_ratio;`,
  }));
  return [...servers, ...single];
}

function replication({ members, replication }: Findings): Advice[] {
  const streaming = replication.filter(({ state }) => state === "streaming");
  const expected = members.length - 1 - (members.some(({ name }) => name === "primary") ? 1 : 0);
  const missing: Advice[] =
    streaming.length < expected
      ? [
          {
            severity: "critical",
            topic: "replication",
            subject: "replicas",
            reason: `${streaming.length} of ${expected} replicas stream: with one server less there may be none to fail over to`,
            command:
              "SELECT * FROM platform.replication;  -- then the log of the one that is missing: docker logs",
          },
        ]
      : [];
  const late = replication
    .filter(
      ({ lagSeconds, lagBytes }) =>
        lagSeconds >= THRESHOLDS.replicationLagSeconds || (lagBytes ?? 0) >= THRESHOLDS.replicationLagBytes,
    )
    .map((standby): Advice => ({
      severity: (standby.lagBytes ?? 0) >= 4 * THRESHOLDS.replicationLagBytes ? "critical" : "warning",
      topic: "replication",
      subject: standby.standby,
      reason: `${size(standby.lagBytes ?? 0)} or ${duration(standby.lagSeconds)} behind the primary: reads there are stale`,
      command:
        "SELECT * FROM platform.long_transactions;  -- on the replica: a long query may hold replay up",
    }));
  return [...missing, ...late];
}

function transactions({ longTransactions }: Findings): Advice[] {
  return longTransactions
    .filter(({ transactionSeconds }) => transactionSeconds >= THRESHOLDS.longTransactionSeconds)
    .map((transaction) => ({
      severity: transaction.transactionSeconds >= 3_600 ? "critical" : "warning",
      topic: "transactions",
      subject: `process ${transaction.pid} of ${transaction.login ?? "nobody"} on ${transaction.member}`,
      reason:
        `open for ${duration(transaction.transactionSeconds)} (${transaction.state ?? "unknown"}): VACUUM removes nothing ` +
        `newer. Last statement: ${oneLine(transaction.query, 120)}`,
      command: `SELECT pg_terminate_backend(${transaction.pid});  -- on ${transaction.member}, as postgres`,
    }));
}

function restarts({ pendingRestart }: Findings): Advice[] {
  return [...new Set(pendingRestart.map(({ member }) => member))].map((member) => {
    const waiting = pendingRestart.filter((one) => one.member === member);
    const names = waiting.map(({ parameter, current, wanted }) =>
      wanted === null ? parameter : `${parameter} (${current ?? "?"} → ${wanted})`,
    );
    return {
      severity: "warning",
      topic: "restarts",
      subject: member,
      reason: `${names.join(", ")} ${waiting.length === 1 ? "waits" : "wait"} for a restart`,
      command: "npm run restart  # one member after the other, while clients wait a moment",
    };
  });
}

function certificates({ certificates }: Findings): Advice[] {
  return certificates
    .filter(({ daysLeft }) => daysLeft < THRESHOLDS.certificateDays)
    .map(({ of, endsAt, daysLeft }) => ({
      severity: daysLeft < THRESHOLDS.certificateDays / 4 ? "critical" : "warning",
      topic: "certificates",
      subject: of,
      reason: `${daysLeft < 0 ? "ended" : "end"} at ${endsAt}: then no client that checks them connects any more`,
      command:
        of === "servers"
          ? "npm run up  # makes them anew, by a reload"
          : "npm run pulumi -- config set --path acgs-db:certificateAuthority  # an authority of your own: SECURITY.md",
    }));
}
