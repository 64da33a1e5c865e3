import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { ExecStream } from "../../../lib/docker/execStream.ts";
import { DATABASE, SUPERUSER } from "../../../lib/names.ts";
import { Client, type Session } from "../client.ts";
import type { Round } from "../report.ts";
import { insertText } from "../rows.ts";
import type { Part } from "../stack.ts";

const NAME = "open session";

/**
 * A session on one member that stays open whatever becomes of the network: it runs inside the member's container and
 * goes on writing there until the server ends it. Nothing that it is told after another member has become the primary
 * may be an acknowledgement.
 */
export function openSession(member: Part): Client {
  return new Client({ name: NAME, afterError: "end", open: async () => new Psql(member) });
}

/** One psql, which gets a statement at a time and answers with a line each. */
class Psql implements Session {
  private readonly stream: ExecStream;
  private waiting: { resolve: (line: string) => void; reject: (error: Error) => void } | undefined;
  private ended: Error | undefined;

  constructor(member: Part) {
    this.stream = new ExecStream(member, ["psql", "-qAtX", "--dbname", DATABASE], { user: SUPERUSER });
    const told = new PassThrough();
    createInterface(this.stream).on("line", (line) => this.settle()?.resolve(line));
    createInterface(told).on("line", (line) => {
      if (/ERROR|FATAL|lost|closed/.test(line)) this.end(new Error(line));
    });
    this.stream.on("stderr", (data: Buffer) => told.write(data));
    this.stream.on("error", (error) => this.end(error));
    this.stream.on("close", () => this.end(new Error("the session was ended")));
    this.stream.open();
  }

  act(number: number): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(this.ended);
      this.waiting = { resolve, reject };
      this.stream.write(`${insertText(NAME, number)};\n`);
    });
  }

  close(): void {
    this.stream.destroy();
    this.end(new Error("the session was closed"));
  }

  private end(error: Error): void {
    this.ended ??= error;
    this.settle()?.reject(error);
  }

  private settle() {
    const waiting = this.waiting;
    this.waiting = undefined;
    return waiting;
  }
}

/** What became of a session left open: see {@link Round.openSession}. */
export function openSessionOf(clients: readonly Client[], from: number): Round["openSession"] {
  const [client] = clients;
  if (!client) return undefined;
  const { acknowledged, errors } = client.journal;
  const later = acknowledged.filter(({ at }) => at > from);
  const last = later.at(-1);
  return {
    before: acknowledged.length - later.length,
    after: later.length,
    lastAfterMs: last === undefined ? null : Math.round(last.at - from),
    end: errors.at(-1)?.message,
  };
}
