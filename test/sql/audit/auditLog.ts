import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { eventually } from "../../../testing/eventually.ts";
import { promisify } from "node:util";
import type pg from "pg";
import { sizeParameters } from "../../../components/postgres/sizing.ts";
import { startStackDatabaseWith, type StackDatabase } from "../../../testing/sqlServer.ts";

/** The log as the stack has it: what is written, and with which names before each line. */
const STACK_PARAMETERS = sizeParameters({
  memoryMb: 2048,
  cpus: 2,
  storage: "ssd",
  workload: "oltp",
  maxConnections: 100,
  members: 2,
});

/** A database whose server writes its log as a member of a stack does. */
export function startAuditedDatabase(...schemas: string[]): Promise<StackDatabase> {
  const logging = Object.entries(STACK_PARAMETERS).filter(([name]) =>
    /^(log_|pgaudit\.|auto_explain\.|track_activity_query_size$)/.test(name),
  );
  return startStackDatabaseWith(Object.fromEntries(logging), ...schemas);
}

/** An audit line, taken apart. */
export interface AuditLine {
  login: string;
  database: string;
  application: string;
  /** OBJECT or SESSION. */
  kind: string;
  class: string;
  command: string;
  /** The relation, where pgaudit names one. */
  object: string;
  /** Text of the statement and values of its parameters. */
  rest: string;
}

const LINE =
  /^[-\d]+ [:.\d]+ UTC \[\d+\] (?<login>[^@ ]*)@(?<database>\S*) (?<application>.*?) \S+ LOG: {2}AUDIT: (?<kind>[A-Z]+),\d+,\d+,(?<class>[A-Z]+),(?<command>[A-Z ]+),(?<type>[A-Z ]*),(?<object>[^,]*),(?<rest>.*)$/;

/**
 * What the server logs while something is done. Ends with a statement that it waits for in the log, so everything before
 * has arrived.
 *
 * @param admin  a superuser's session, whose DDL marks the ends
 */
export async function logDuring(
  database: StackDatabase,
  admin: pg.Client,
  work: () => Promise<unknown>,
): Promise<string[]> {
  const [from, to] = ["from", "to"].map((end) => `mark_${end}_${randomBytes(6).toString("hex")}`);
  const mark = (name: string): Promise<unknown> => admin.query(`CREATE TEMP TABLE ${name} ()`);
  await mark(from!);
  await work();
  await mark(to!);
  return eventually(`the server's log shows ${to}`, async () => {
    const { stdout, stderr } = await promisify(execFile)("docker", ["logs", database.container], {
      maxBuffer: 256 << 20,
    });
    const lines = `${stdout}${stderr}`.split("\n");
    const [start, end] = [from, to].map((name) => lines.findIndex((line) => line.includes(name!)));
    return start! >= 0 && end! >= 0 && lines.slice(start! + 1, end);
  });
}

/** The audit lines of sessions among them; those of pg_cron's workers, which may run at any time, have no names. */
export function auditLines(lines: readonly string[]): AuditLine[] {
  const found = lines.filter((line) => line.includes("AUDIT:") && !/\[\d+\] LOG:/.test(line));
  return found.map((line) => {
    const groups = LINE.exec(line)?.groups;
    if (!groups) throw new Error(`An audit line of another form: ${line}`);
    return groups as unknown as AuditLine;
  });
}

/** `kind class command object` of the audit lines among them. */
export function inShort(lines: readonly string[]): string[] {
  return auditLines(lines).map((line) => [line.kind, line.class, line.command, line.object].join(" ").trim());
}

/** A modification that dgm_service makes all the time. */
export const METRIC = `INSERT INTO dgm.performance_metrics (service_name, metric_type, metric_name, metric_value)
  VALUES ('s', 'latency', 'm', 1)`;
