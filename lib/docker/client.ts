import Modem from "docker-modem";
import { IncomingMessage } from "node:http";
import { addAbortSignal, type Duplex } from "node:stream";
import { buffer } from "node:stream/consumers";
import { connectionTo } from "./endpoint.ts";
import { Conflict, DockerError, EngineTimeout, EngineUnreachable, NotFound } from "./errors.ts";

/** A container on an engine. */
export interface ContainerAddress {
  /** The engine: the name of its host, as inputs of resources have it, or its endpoint; see `endpointOf`. */
  docker: string;
  /** Its name there. */
  container: string;
}

/** A request of the Engine API. */
export interface Call {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Such as `/containers/json`; names in it by {@link pathOf}. */
  path: string;
  /** Objects are sent as JSON. */
  query?: Record<string, string | number | boolean | object>;
  /** An object is sent as JSON, anything else as a tar archive. */
  body?: object | Buffer | NodeJS.ReadableStream;
  headers?: Record<string, string>;
  /** In ms; 30 s unless it is given. */
  within?: number;
}

/** A healthy engine answers in milliseconds; one that reads much or swaps, in seconds. */
const ANSWERS_WITHIN = 30_000;
/** `docker-modem` would put a status into words; it is told here what each means. */
const ANY_STATUS = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [100 + i, true]));

/** A path in which every part stands for itself, whatever is in it. */
export function pathOf(strings: TemplateStringsArray, ...names: string[]): string {
  return String.raw({ raw: strings }, ...names.map(encodeURIComponent));
}

/**
 * What an engine answers, read from JSON; undefined where it says nothing.
 *
 * @throws NotFound | Conflict | DockerError  what it answered instead
 * @throws EngineUnreachable  where it did not, or not in time
 */
export async function ask<T = undefined>(endpoint: string, call: Call): Promise<T> {
  const body = await send(endpoint, call, buffer);
  return (body.length === 0 ? undefined : JSON.parse(body.toString())) as T;
}

/** The same, with the answer's body as a stream that has to be read within the limit. */
export function send<T>(
  endpoint: string,
  call: Call,
  read: (body: IncomingMessage) => Promise<T>,
): Promise<T> {
  const { within = ANSWERS_WITHIN } = call;
  const asked = wordsOf(call);
  return inTime(endpoint, asked, within, async (signal) => {
    const answer = await dial(endpoint, call, signal);
    if (!(answer instanceof IncomingMessage))
      throw new DockerError(endpoint, `${asked}: it answered otherwise`);
    addAbortSignal(signal, answer);
    const { statusCode = 0 } = answer;
    if (statusCode >= 400) throw refusal(endpoint, statusCode, await buffer(answer));
    return read(answer);
  });
}

/** Asks for a connection that goes on as a raw stream both ways: the answer of an exec. @throws as {@link ask} */
export function hijack(endpoint: string, call: Call): Promise<Duplex> {
  const { within = ANSWERS_WITHIN } = call;
  const asked = wordsOf(call);
  return inTime(endpoint, asked, within, async (signal) => {
    const answer = await dial(endpoint, call, signal, true);
    if (!(answer instanceof IncomingMessage)) return answer;
    throw refusal(endpoint, answer.statusCode ?? 0, await buffer(addAbortSignal(signal, answer)));
  });
}

function wordsOf({ method = "GET", path }: Call): string {
  return `${method} ${path}`;
}

async function inTime<T>(
  endpoint: string,
  asked: string,
  within: number,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), within);
  try {
    return await act(limit.signal);
  } catch (error) {
    if (limit.signal.aborted) throw new EngineTimeout(endpoint, asked, within);
    if (error instanceof DockerError) throw error;
    throw new EngineUnreachable(endpoint, asked, error as Error);
  } finally {
    clearTimeout(timer);
  }
}

/** The head of the answer, or the connection where it is hijacked. */
function dial(
  endpoint: string,
  { method = "GET", path, query = {}, body, headers }: Call,
  signal: AbortSignal,
  isHijacked = false,
): Promise<IncomingMessage | Duplex> {
  const isArchive = body !== undefined && (Buffer.isBuffer(body) || "pipe" in body);
  return new Promise((resolve, reject) => {
    // A connection each: a kept one may be closed by the engine in the moment in which it is used again.
    new Modem({ ...connectionTo(endpoint), headers: undefined }).dial(
      {
        method,
        path: Object.keys(query).length > 0 ? `${path}?` : path,
        headers: { Connection: "close", ...headers },
        options: { _query: query, _body: isArchive ? {} : (body ?? {}) },
        file: isArchive ? body : undefined,
        abortSignal: signal,
        isStream: true,
        hijack: isHijacked,
        statusCodes: ANY_STATUS,
      },
      (error, answer) => (error ? reject(error) : resolve(answer as IncomingMessage | Duplex)),
    );
  });
}

function refusal(endpoint: string, status: number, body: Buffer): DockerError {
  const reason = messageIn(body.toString()) || `it answered with status ${status}`;
  if (status === 404) return new NotFound(endpoint, reason);
  return status === 409 ? new Conflict(endpoint, reason) : new DockerError(endpoint, reason);
}

function messageIn(body: string): string {
  try {
    return (JSON.parse(body) as { message?: string }).message ?? "";
  } catch {
    return body.trim().slice(0, 500);
  }
}
