import { messageOf } from "../../lib/errors.ts";
import type { ClientLog } from "./clientLog.ts";
import { pause, withTimeout } from "../../lib/wait.ts";

/** A connection of one client. */
export interface Session {
  /** Does what has this number. @returns which primary acknowledged it, where that can be told */
  act(number: number): Promise<string | undefined>;
  close(): void;
}

export interface ClientArgs {
  name: string;
  open: () => Promise<Session>;
  /** What the client does after an error: opens another session, goes on with this one, or ends. */
  afterError: "reopen" | "keep" | "end";
}

/** Between two actions of one client (ms): gaps are seen as sharply as this, and the machine is left idle in between. */
const PACE = 20;
/** Before the next attempt of a client that met an error. In ms. */
const BACKOFF = 50;
/** A session that hangs when the drill ends is cut. In ms. */
const ENDS_WITHIN = 25_000;

/**
 * One client: does one thing after the other, numbered, and records when each was acknowledged. What failed has an
 * unknown outcome and is never tried again under its number.
 */
export class Client {
  readonly journal: ClientLog;
  private readonly args: ClientArgs;
  private session: Session | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(args: ClientArgs) {
    this.args = args;
    this.journal = { client: args.name, acknowledged: [], errors: [] };
  }

  start(): void {
    this.running = this.run();
  }

  /** Lets what is under way end, for some seconds. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.args.afterError === "end") this.session?.close();
    await withTimeout(this.running ?? Promise.resolve(), ENDS_WITHIN, this.args.name).catch(() => undefined);
    this.session?.close();
  }

  /** Whether something was acknowledged after this time. */
  hasGoneOnSince(at: number): boolean {
    return (this.journal.acknowledged.at(-1)?.at ?? -Infinity) > at;
  }

  /** Whether its end is its own: a session that stays open on one member may never be served again. */
  get mayEnd(): boolean {
    return this.args.afterError === "end";
  }

  private async run(): Promise<void> {
    for (let number = 0; !this.stopped;) {
      try {
        this.session ??= await this.args.open();
      } catch (error) {
        if (this.fails(error)) return;
        await pause(BACKOFF);
        continue;
      }
      const current = number++;
      try {
        const primary = await this.session.act(current);
        this.journal.acknowledged.push({ number: current, at: performance.now(), primary });
        await pause(PACE);
      } catch (error) {
        if (this.fails(error, current)) return;
        if (this.args.afterError === "reopen") {
          this.session.close();
          this.session = undefined;
        }
        await pause(BACKOFF);
      }
    }
  }

  /** Records an error. @returns whether the client ends with it */
  private fails(error: unknown, number?: number): boolean {
    // Cut by the drill itself at its end.
    if (this.stopped && this.mayEnd) return true;
    this.journal.errors.push({ at: performance.now(), message: messageOf(error), number });
    return this.mayEnd;
  }
}
