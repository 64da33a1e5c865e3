import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Figures } from "./comparison.ts";
import { docker, type Workspace } from "./workspace.ts";
import { quantile } from "./statistics.ts";

/** A server, or something in front of one, on 127.0.0.1. */
export interface Target {
  port: number;
  database: string;
  user: string;
  password: string;
}

export interface Load {
  /** pgbench's own scripts with their weights, such as `select-only` or `tpcb-like@1`. */
  scripts: string[];
  clients: number;
  seconds: number;
}

/** Of every so many transactions one is logged with its latency, so that logging costs next to nothing. */
const SAMPLING_RATE = 0.2;

/** pgbench out of the project's PostgreSQL image, on the host's network. */
export class Pgbench {
  private readonly workspace: Workspace;
  private readonly image: string;
  private runs = 0;

  /** @param image  id of the PostgreSQL image */
  constructor(workspace: Workspace, image: string) {
    this.workspace = workspace;
    this.image = image;
  }

  /** Makes pgbench's tables, in the first schema of the login's search path. */
  async initialize(target: Target, scale: number): Promise<void> {
    await this.run(target, ["--initialize", "--quiet", "--scale", String(scale)], async () => undefined);
  }

  /**
   * One run with prepared statements. tps without the time to connect; latencies in ms.
   *
   * Each client has a thread of its own: pgbench prepares a statement synchronously, and a thread that waits so
   * for a pooled connection would keep its other clients from finishing the transactions that hold them all.
   */
  measure(target: Target, { scripts, clients, seconds }: Load): Promise<Figures> {
    const args = [
      ...["--no-vacuum", "--protocol", "prepared"],
      ...["--client", String(clients), "--jobs", String(clients), "--time", String(seconds)],
      ...["--log", "--log-prefix", "/run/bench/log", "--sampling-rate", String(SAMPLING_RATE)],
      ...scripts.flatMap((script) => ["--builtin", script]),
    ];
    return this.run(target, args, async (output, directory) => {
      const latencies = parseLog(await logs(directory));
      return {
        ...parseOutput(output),
        p50: quantile(latencies, 0.5),
        p99: quantile(latencies, 0.99),
      };
    });
  }

  private async run<T>(
    target: Target,
    args: readonly string[],
    read: (output: string, directory: string) => Promise<T>,
  ): Promise<T> {
    const directory = await mkdtemp(join(this.workspace.directory, "pgbench-"));
    try {
      // The password travels in a file that only this user can read, and pgbench runs as this user.
      const escaped = target.password.replaceAll(/[\\:]/g, "\\$&");
      await writeFile(join(directory, "pgpass"), `*:*:*:*:${escaped}\n`, { mode: 0o600 });
      await chmod(directory, 0o700);
      const output = await docker([
        ...["run", "--rm", "--name", `${this.workspace.prefix}-load-${++this.runs}`, "--network", "host"],
        ...["--user", `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`, "--init"],
        ...["--volume", `${directory}:/run/bench`, "--tmpfs", "/var/lib/postgresql/data"],
        ...["--env", "PGPASSFILE=/run/bench/pgpass", "--entrypoint", "pgbench", this.image],
        ...["--host", "127.0.0.1", "--port", String(target.port), "--username", target.user],
        ...[...args, target.database],
      ]);
      return await read(output, directory);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
}

async function logs(directory: string): Promise<string> {
  const files = (await readdir(directory)).filter((name) => name.startsWith("log."));
  return (await Promise.all(files.map((name) => readFile(join(directory, name), "utf8")))).join("");
}

/** Latencies in ms out of pgbench's log: the third column, in µs. */
export function parseLog(text: string): number[] {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => Number(line.split(" ")[2]) / 1000)
    .filter(Number.isFinite);
}

/** What pgbench says at its end. @throws Error when that is not there, when transactions failed or none was made */
export function parseOutput(output: string): { tps: number; mean: number; transactions: number } {
  const number = (pattern: RegExp): number => {
    const text = pattern.exec(output)?.[1];
    if (text === undefined) throw new Error(`pgbench did not say ${String(pattern)}:\n${output}`);
    return Number(text);
  };
  if (/^number of transactions actually processed: 0$/m.test(output)) {
    throw new Error("pgbench finished no transaction in its time: give it more with --seconds.");
  }
  const failed = number(/^number of failed transactions: (\d+)/m);
  if (failed > 0) throw new Error(`${failed} transactions of pgbench failed:\n${output}`);
  return {
    tps: number(/^tps = ([\d.]+)/m),
    mean: number(/^latency average = ([\d.]+) ms/m),
    transactions: number(/^number of transactions actually processed: (\d+)/m),
  };
}
