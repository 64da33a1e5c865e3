import type { EventEmitter } from "node:events";
import pg from "pg";
import type { ContainerAddress } from "../docker/client.ts";
import { superuserClient } from "./localSocket.ts";
import { TimedOut, waitFor, withTimeout } from "../wait.ts";

/** The database of a cluster, as its superuser over the local socket of whichever member is the primary. */
export interface ClusterConnection {
  database: string;
  /** By name. */
  members: Record<string, ContainerAddress>;
}

/** A single server at an address, in plain: for tests and measurements, which open hundreds of sessions. */
export interface ServerConnection {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
}

/** Where SQL files are run, without a transaction pooler between: the advisory lock is a session's. */
export type SqlConnection = ClusterConnection | ServerConnection;

/** A database of one member, primary or not, as its superuser over its local socket. */
export interface MemberConnection {
  database: string;
  member: ContainerAddress;
}

/** Any server or pooler that a network leads to: a URL, or what it consists of, with TLS. */
export interface NetworkConnection {
  at: string | (ServerConnection & Pick<pg.ClientConfig, "ssl">);
}

export type Connection = SqlConnection | MemberConnection | NetworkConnection;

/** Times in ms. */
export interface SessionOptions extends Pick<pg.ClientConfig, "types"> {
  applicationName?: string;
  /** How long to try again while the server is starting or failing over. @default one attempt */
  patienceMs?: number;
  /** Told once that it is tried again. */
  log?: (line: string) => void;
  /** @default 10 s */
  connectWithinMs?: number;
  /** A statement that takes longer is rejected. @default without a limit */
  answerWithinMs?: number;
}

/** A server that takes connections answers at once. */
const ANSWER_WITHIN_MS = 10_000;
const CONNECT_WITHIN_MS = 10_000;
/** A server that hangs does not take its leave. */
const CLOSE_WITHIN_MS = 2_000;
const APART_MS = 1_000;

/** What a superuser's session has whatever the servers, the database or its role set: a limit would end work of ours. */
const UNLIMITED = {
  statement_timeout: "0",
  lock_timeout: "0",
  default_transaction_read_only: "off",
};

/**
 * What the sessions that run SQL files have beside that. Files, and what compares their objects, are written for these
 * values; months begin in UTC. The audit log names each command and object; the text would be the whole file, for each
 * of a file's statements, and the ledger has the file's hash. Strings are read as the parser of previews reads them.
 */
const FOR_FILES = {
  ...UNLIMITED,
  DateStyle: "ISO",
  IntervalStyle: "postgres",
  TimeZone: "UTC",
  array_nulls: "on",
  bytea_output: "hex",
  default_transaction_isolation: "read committed",
  extra_float_digits: "1",
  "pgaudit.log_statement": "off",
  quote_all_identifiers: "off",
  search_path: '"$user", public',
  session_replication_role: "origin",
  standard_conforming_strings: "on",
  transform_null_equals: "off",
};

/** What is sent without waiting for the answer before it shares a round trip. */
const RUNS_FILES = { options: optionsOf(FOR_FILES), pipeline: true };

/** Settings as a connection's `options`: what it begins with, and goes back to by RESET. */
function optionsOf(settings: Readonly<Record<string, string>>): string {
  const escaped = (value: string) => value.replaceAll(/[\\ ]/g, "\\$&");
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${escaped(value)}`)
    .join(" ");
}

/** Codes of a server that is starting, stopping or just failing over: it is worth another try. */
const COMING_UP = new Set(["ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EPIPE", "57P03", "57P01", "53300"]);

/** Whether nobody answers at this address, or only a server that is not ready. */
export function isUnreachable(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return (
    error instanceof TimedOut ||
    COMING_UP.has(code ?? "") ||
    /Connection terminated|timeout expired/.test(message ?? "")
  );
}

/**
 * Opens a session. A connection that breaks rejects what runs in it, and what is asked of it later.
 *
 * @throws Error that names the members, or the address, and the remedy, where SQL files are to be run
 * @throws what `pg` throws, with its code, for one member or a {@link NetworkConnection}. A password is in no message.
 */
export async function openSession(connection: Connection, options: SessionOptions = {}): Promise<pg.Client> {
  const { patienceMs = 0, log = () => undefined } = options;
  let fault: unknown;
  const attempt = async () => {
    try {
      return await connect(connection, options);
    } catch (error) {
      if (fault === undefined && patienceMs > 0 && isUnreachable(error))
        log(`waiting for ${inWords(connection)}`);
      fault = error;
      throw error;
    }
  };
  try {
    // Each attempt has limits of its own, and one that is left behind would leave a session.
    const limits = { within: patienceMs, every: APART_MS, look: Infinity };
    return await waitFor(attempt, { ...limits, waitOut: isUnreachable, what: inWords(connection) });
  } catch (error) {
    throw isSql(connection) ? explained(fault ?? error, connection) : (fault ?? error);
  }
}

/**
 * Does something in a session that ends with it.
 *
 * @throws what `act` throws, or {@link openSession} where there is no session
 */
export async function inSession<T>(
  connection: Connection,
  act: (client: pg.Client) => Promise<T>,
  options: SessionOptions = {},
): Promise<T> {
  const client = await openSession(connection, options);
  try {
    return await act(client);
  } finally {
    await closeSession(client);
  }
}

/** Ends a session; one whose server does not answer is cut. Never throws. */
export async function closeSession(client: pg.Client): Promise<void> {
  await withTimeout(client.end(), CLOSE_WITHIN_MS, "the session").catch(() => cut(client));
}

function cut(client: pg.Client): void {
  client.connection.stream.destroy();
}

function isSql(connection: Connection): connection is SqlConnection {
  return "members" in connection || "host" in connection;
}

function explained(error: unknown, connection: SqlConnection): Error {
  const { message, code } = error as { message?: string; code?: string };
  return new Error(
    `cannot connect to ${inWords(connection)}: ${message || code}. ` +
      "Is the primary up? `npm run report` and `docker logs` of the members tell.",
    { cause: error },
  );
}

/** Without a password. */
function inWords(connection: Connection): string {
  if ("members" in connection)
    return `${connection.database} on the primary among ${Object.keys(connection.members).join(", ")}`;
  if ("member" in connection) return `${connection.database} on ${connection.member.container}`;
  const at = "at" in connection ? connection.at : connection;
  if (typeof at !== "string") return `${at.host}:${at.port}/${at.database} as ${at.user}`;
  const url = URL.parse(at);
  return url ? `${url.host}${url.pathname} as ${decodeURIComponent(url.username)}` : "a server";
}

async function connect(connection: Connection, options: SessionOptions): Promise<pg.Client> {
  const { applicationName, connectWithinMs = CONNECT_WITHIN_MS, answerWithinMs, types } = options;
  const common = {
    ...(isSql(connection) && { application_name: "acgs-db SQL runner", ...RUNS_FILES }),
    ...(applicationName !== undefined && { application_name: applicationName }),
    ...(answerWithinMs !== undefined && { query_timeout: answerWithinMs }),
    ...(types && { types }),
    connectionTimeoutMillis: connectWithinMs,
  };
  if ("members" in connection) return primaryOf(connection, common);
  if ("member" in connection)
    return opened(
      superuserClient(connection.member, {
        ...common,
        options: optionsOf(UNLIMITED),
        database: connection.database,
      }),
    );
  const at = "at" in connection ? connection.at : connection;
  const where = typeof at === "string" ? { connectionString: at } : at;
  return opened(new pg.Client({ ...where, ...common, keepAlive: true }));
}

/** A session on the member that is no replica. @throws the first member's error, where none answers that is no replica */
async function primaryOf(
  { members, database }: ClusterConnection,
  common: pg.ClientConfig,
): Promise<pg.Client> {
  const faults: Error[] = [];
  for (const address of Object.values(members)) {
    try {
      const client = await opened(superuserClient(address, { ...common, database }));
      if (await isPrimary(client)) return client;
    } catch (error) {
      faults.push(error as Error);
    }
  }
  // One that refuses for good says more than one that is away.
  throw faults.find((fault) => !isUnreachable(fault)) ?? faults[0] ?? noPrimary();
}

function noPrimary(): Error {
  return Object.assign(new Error("all members are replicas"), { code: "ECONNREFUSED" });
}

async function opened(client: pg.Client): Promise<pg.Client> {
  // A connection that breaks rejects the running query too; without a listener it would end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await closeSession(client);
    throw error;
  }
}

/** Leaves no session behind on a server that is not. @throws where it does not answer in time */
async function isPrimary(client: pg.Client): Promise<boolean> {
  let primary = false;
  try {
    const asked = client.query<{ replica: boolean }>("SELECT pg_is_in_recovery() AS replica");
    const { rows } = await withTimeout(asked, ANSWER_WITHIN_MS, "pg_is_in_recovery()");
    primary = !rows[0]!.replica;
    return primary;
  } finally {
    if (!primary) cut(client);
  }
}

/**
 * Writes on each error how many commands of its message were completed before it, as `commandsDone`: that tells
 * which statement failed. It is written as the error comes in, because answers to what was sent ahead follow.
 */
export function countCommands(client: pg.Client): void {
  let count = 0;
  const mark = (error: Error & { commandsDone?: number }): void => void (error.commandsDone ??= count);
  const { connection } = client as unknown as { connection: EventEmitter };
  connection.on("commandComplete", () => count++);
  connection.on("errorMessage", mark);
  connection.on("readyForQuery", () => (count = 0));
  // A connection that breaks.
  client.on("error", mark);
}

/**
 * Sends several messages at once and waits for all answers: one round trip. Each is a message of its own, so a
 * later one runs although an earlier one has failed.
 *
 * @throws the first message's error that failed
 */
export async function together(client: pg.Client, ...messages: string[]): Promise<pg.QueryResult[]> {
  const outcomes = await Promise.allSettled(messages.map((message) => client.query(message)));
  return outcomes.map((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
}
