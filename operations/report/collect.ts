import { UserError } from "../../lib/errors.ts";
import type { StackOutputs } from "../../components/stack/outputs.ts";
import { combineIndexUsage, combineTables, observedDays, unusedIndexes } from "./combine.ts";
import { Member, type Reading } from "./member.ts";
import { readPools } from "./pools.ts";
import type { Findings, Report } from "./schema.ts";
import type { MemberViews } from "./views.ts";
import { scannedTables } from "./scannedTables.ts";
import { THRESHOLDS } from "./thresholds.ts";

/** Thrown when no report can be made. Its message is for the person at the terminal. */
export class NoReport extends UserError {}

type Parts = Pick<StackOutputs, "prefix" | "services" | "poolers" | "tls"> & {
  monitor: Pick<StackOutputs["monitor"], "url">;
  postgres: Omit<StackOutputs["postgres"], "parameters">;
};

/**
 * Asks every member, PgBouncer and the primary's catalogue, and puts the answers together. Each server has its own
 * statistics: only all of them together can tell what an index is good for.
 *
 * @throws NoReport when no primary can be asked
 */
export async function collect(stack: string, outputs: Parts, now = new Date()): Promise<Findings> {
  const notes: string[] = [];
  const open = new Map<string, Member>();
  try {
    const members: Report["members"] = [];
    const readings: Reading[] = [];
    for (const { name, host, port } of outputs.postgres.members) {
      try {
        const member = await Member.connect(at(outputs.monitor.url, { host, port }));
        open.set(name, member);
        readings.push({ name, views: await member.memberViews() });
        members.push(memberOf(readings.at(-1)!));
      } catch (error) {
        throwIfWithoutViews(error);
        members.push({ name, role: "not reached", fault: reasonOf(error), state: null });
      }
    }
    if (!members.some(({ role }) => role === "primary")) {
      const name = await throughPooler(outputs.monitor.url, open, readings, members);
      notes.push(`No member says that it is the primary: ${name} is the one that PgBouncer leads to.`);
    }
    const primary = members.find(({ role }) => role === "primary")!;
    const views = await open.get(primary.name)!.primaryViews();
    const tables = combineTables(readings, primary.name);
    const usage = combineIndexUsage(readings, primary.name, views.indexUsageTrend);
    const days = observedDays(members, now);
    return {
      version: 1,
      generatedAt: now.toISOString(),
      stack,
      prefix: outputs.prefix,
      database: new URL(outputs.monitor.url).pathname.slice(1),
      thresholds: THRESHOLDS,
      members,
      slowQueries: onMembers(readings, ({ slowQueries }) => slowQueries),
      indexes: {
        usage,
        unused: unusedIndexes(usage, days),
        observedDays: days,
        redundant: views.redundantIndexes,
        invalid: views.invalidIndexes,
        unindexedForeignKeys: views.unindexedForeignKeys,
        scannedTables: await scannedTables(tables, usage, open, primary.name),
      },
      bloat: { tables: worst(views.tableBloat), indexes: worst(views.indexBloat) },
      tables,
      partitions: { coverage: views.partitionCoverage, sizes: views.partitionSizes },
      connections: onMembers(readings, ({ connectionUse }) => connectionUse).map((use) => ({
        ...use,
        poolLimit: poolLimit(outputs.services, use.login),
      })),
      pools: await allPools(outputs, notes),
      replication: views.replication,
      longTransactions: onMembers(readings, ({ longTransactions }) => longTransactions),
      pendingRestart: pendingRestarts(outputs, members),
      certificates: certificates(outputs.tls, now),
      jobs: views.scheduledJobs,
      upkeep: views.upkeepTasks,
      notes,
    };
  } finally {
    for (const member of open.values()) await member.close();
  }
}

function certificates(
  { certificatesEndAt, authorityEndsAt }: StackOutputs["tls"],
  now: Date,
): Report["certificates"] {
  const one = (of: "servers" | "authority", endsAt: string) => ({
    ...{ of, endsAt },
    daysLeft: Math.floor((Date.parse(endsAt) - now.getTime()) / 86_400_000),
  });
  return [one("servers", certificatesEndAt), one("authority", authorityEndsAt)];
}

/** The same URL at another server, or for another database there. */
function at(url: string, place: { host: string; port: number; database?: string }): string {
  const changed = new URL(url);
  changed.hostname = place.host.includes(":") ? `[${place.host}]` : place.host;
  changed.port = String(place.port);
  if (place.database !== undefined) changed.pathname = `/${place.database}`;
  return changed.href;
}

function memberOf({ name, views }: Reading): Report["members"][number] {
  const state = views.serverState[0]!;
  return { name, role: state.isReplica ? "replica" : "primary", fault: null, state };
}

/** Reads the primary through PgBouncer, as clients reach it, where no member says that it is the primary. */
async function throughPooler(
  url: string,
  open: Map<string, Member>,
  readings: Reading[],
  members: Report["members"],
): Promise<string> {
  const name = "primary";
  try {
    const member = await Member.connect(url);
    open.set(name, member);
    readings.push({ name, views: await member.memberViews() });
  } catch (error) {
    throwIfWithoutViews(error);
    const faults = members.map((member) => `${member.name}: ${member.fault ?? "is a replica"}`);
    throw new NoReport(
      [`No primary could be asked.`, ...faults, `PgBouncer: ${reasonOf(error)}`, "Is the stack up?"].join(
        "\n",
      ),
    );
  }
  members.push(memberOf(readings.at(-1)!));
  return name;
}

/** SQLSTATEs undefined_table and undefined_column: the schema `platform` is not there, or not as new as this report. */
function throwIfWithoutViews(error: unknown): void {
  const { code, message } = error as { code?: string; message?: string };
  if (code !== "42P01" && code !== "42703" && code !== "3F000") return;
  throw new NoReport(
    `The database lacks what the report reads (${message}). Apply the SQL files first: npm run up`,
  );
}

/** Never with a URL: it holds a password. */
function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return message !== undefined && message !== "" ? message : (code ?? "unknown error");
}

function onMembers<Row>(
  readings: readonly Reading[],
  rows: (views: MemberViews) => Row[],
): (Row & { member: string })[] {
  return readings.flatMap(({ name, views }) => rows(views).map((row) => ({ ...row, member: name })));
}

function worst<Row extends { bloatBytes: number; bloatRatio: number | null }>(rows: readonly Row[]): Row[] {
  return rows
    .filter(
      ({ bloatBytes, bloatRatio }) =>
        bloatBytes >= THRESHOLDS.bloatBytes && (bloatRatio ?? 0) >= THRESHOLDS.bloatRatio,
    )
    .sort((a, b) => b.bloatBytes - a.bloatBytes);
}

function poolLimit(services: StackOutputs["services"], login: string): number | null {
  const pool = services[login as keyof typeof services]?.pool;
  return pool ? pool.size + pool.reserve : null;
}

async function allPools(outputs: Parts, notes: string[]): Promise<Report["pools"]> {
  const pools: Report["pools"] = [];
  for (const { host, port } of outputs.poolers) {
    const name = `${host}:${port}`;
    try {
      pools.push(...(await readPools(name, at(outputs.monitor.url, { host, port, database: "pgbouncer" }))));
    } catch (error) {
      notes.push(`PgBouncer ${name} did not tell its pools: ${reasonOf(error)}.`);
    }
  }
  return pools;
}

/** What waits now on the members that were reached, and as of the last update on the others. */
function pendingRestarts(outputs: Parts, members: Report["members"]): Report["pendingRestart"] {
  const known = outputs.postgres.pendingRestart;
  const named = new Set(outputs.postgres.members.map(({ name }) => name));
  return members.flatMap(({ name, state }) => {
    // The primary that was asked through PgBouncer is listed under its own name too, as not reached.
    if (!named.has(name)) return [];
    if (!state) return known.filter(({ member }) => member === name);
    return state.pendingRestart.map((parameter) => {
      const told = known.find((one) => one.member === name && one.parameter === parameter);
      return { member: name, parameter, current: told?.current ?? null, wanted: told?.wanted ?? null };
    });
  });
}
