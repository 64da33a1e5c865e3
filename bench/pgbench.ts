import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Figures } from "./comparison.ts";
import { run } from "./process.ts";
import type { Workspace } from "./workspace.ts";
import { quantile } from "./statistics.ts";

/** A server, or something in front of one: on 127.0.0.1, or on a network of the engine. */
export interface Target {
  /** A name on `network`; 127.0.0.1 unless given. */
  host?: string;
  /** The engine's network on which pgbench runs, as a service's container would; the host's own unless given. */
  network?: string;
  port: number;
  database: string;
  user: string;
  password: string;
  /** Whether the way to it is TLS; in plain unless given. */
  tls?: boolean;
}

/** A script of our own: several statements in pgbench's language. */
export interface Script {
  name: string;
  text: string;
  /** How often among the others; 1 unless given. */
  weight?: number;
}

export interface Load {
  /** pgbench's own scripts with their weights, such as `select-only` or `tpcb-like@1`, or ours. */
  scripts: (string | Script)[];
  clients: number;
  seconds: number;
  /** `prepared` unless given. */
  protocol?: "simple" | "extended" | "prepared";
  /** Threads of pgbench; one per client unless given. */
  threads?: number;
  /** Share of the transactions whose latency is logged; a fifth unless given. */
  samplingRate?: number;
  /** Transactions per second that all clients together begin; latencies then count from when one was due. */
  rate?: number;
  /** Whether errors are what is measured; they end the run unless given. */
  countErrors?: boolean;
}

/** Of every so many transactions one is logged with its latency, so that logging costs next to nothing. */
const SAMPLING_RATE = 0.2;

/** pgbench out of the project's PostgreSQL image, on the host's network. */
export class Pgbench {
  private readonly workspace: Workspace;
  private readonly image: string;
  private runs = 0;
  /** Other rows in every run, and the same ones whenever the benchmark runs. */
  private seed = 0;

  /** @param image  id of the PostgreSQL image */
  constructor(workspace: Workspace, image: string) {
    this.workspace = workspace;
    this.image = image;
  }

  /** Makes pgbench's tables, in the first schema of the login's search path. */
  async initialize(target: Target, scale: number): Promise<void> {
    await this.run(target, ["--initialize", "--quiet", "--scale", String(scale)], [], async () => undefined);
  }

  /**
   * One run with prepared statements. tps without the time to connect; latencies in ms.
   *
   * Each client has a thread of its own: pgbench prepares a statement synchronously, and a thread that waits so
   * for a pooled connection would keep its other clients from finishing the transactions that hold them all.
   */
  measure(target: Target, load: Load): Promise<Figures> {
    const { scripts, clients, seconds, protocol = "prepared", threads = clients } = load;
    const own = scripts.filter((script) => typeof script !== "string");
    const args = [
      ...["--no-vacuum", "--protocol", protocol, "--random-seed", String(++this.seed)],
      ...["--client", String(clients), "--jobs", String(threads), "--time", String(seconds)],
      ...(load.rate === undefined ? [] : ["--rate", String(load.rate)]),
      ...[
        "--log",
        "--log-prefix",
        "/run/bench/log",
        "--sampling-rate",
        String(load.samplingRate ?? SAMPLING_RATE),
      ],
      ...scripts.flatMap((script) =>
        typeof script === "string"
          ? ["--builtin", script]
          : ["--file", `/run/bench/${script.name}.sql@${script.weight ?? 1}`],
      ),
    ];
    return this.run(target, args, own, async (output, directory) => {
      const latencies = parseLog(await logs(directory));
      const summary = parseOutput(output);
      if (summary.errors > 0 && !load.countErrors) {
        throw new Error(`${summary.errors} transactions or clients of pgbench failed:\n${output}`);
      }
      return {
        ...summary,
        p50: quantile(latencies, 0.5),
        p95: quantile(latencies, 0.95),
        p99: quantile(latencies, 0.99),
      };
    });
  }

  private async run<T>(
    target: Target,
    args: readonly string[],
    scripts: readonly Script[],
    read: (output: string, directory: string) => Promise<T>,
  ): Promise<T> {
    const directory = await mkdtemp(join(this.workspace.directory, "pgbench-"));
    try {
      // The password travels in a file that only this user can read, and pgbench runs as this user.
      const escaped = target.password.replaceAll(/[\\:]/g, "\\$&");
      await writeFile(join(directory, "pgpass"), `*:*:*:*:${escaped}\n`, { mode: 0o600 });
      await chmod(directory, 0o700);
      for (const { name, text } of scripts) await writeFile(join(directory, `${name}.sql`), text);
      const finished = await run(
        "docker",
        [
          ...["run", "--rm", "--name", `${this.workspace.prefix}-load-${++this.runs}`],
          ...["--network", target.network ?? "host", "--ulimit", "nofile=8192:8192"],
          ...["--user", `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`, "--init"],
          ...["--volume", `${directory}:/run/bench`, "--tmpfs", "/var/lib/postgresql/data"],
          ...[
            "--env",
            "PGPASSFILE=/run/bench/pgpass",
            "--env",
            `PGSSLMODE=${target.tls ? "require" : "disable"}`,
          ],
          ...["--entrypoint", "pgbench", this.image],
          ...["--host", target.host ?? "127.0.0.1", "--port", String(target.port), "--username", target.user],
          ...[...args, target.database],
        ],
        // A client that is thrown out makes pgbench fail in the end; the others' figures are there all the same.
        { mayFail: true },
      );
      const output = `${finished.stdout}\n${finished.stderr}`;
      if (finished.status !== 0 && !/^number of transactions actually processed/m.test(output)) {
        throw new Error(`pgbench failed:\n${output.trim().split("\n").slice(-20).join("\n")}`);
      }
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

/** What pgbench says of a run as a whole. */
export type PgbenchSummary = {
  /** Without the time to connect. */
  tps: number;
  /** Latency in ms. */
  mean: number;
  transactions: number;
  /** Transactions that failed, and clients that were thrown out. */
  errors: number;
  /** Share of the transactions without error, in %. */
  success: number;
};

/**
 * Reads what pgbench says at its end.
 *
 * @throws Error when that is not there, or when no transaction was made
 */
export function parseOutput(output: string): PgbenchSummary {
  const number = (pattern: RegExp): number => {
    const text = pattern.exec(output)?.[1];
    if (text === undefined) throw new Error(`pgbench did not say ${String(pattern)}:\n${output}`);
    return Number(text);
  };
  if (/^number of transactions actually processed: 0$/m.test(output)) {
    throw new Error("pgbench finished no transaction in its time: give it more with --seconds.");
  }
  const transactions = number(/^number of transactions actually processed: (\d+)/m);
  const aborted = output.match(/client \d+ (?:script \d+ )?aborted/g)?.length ?? 0;
  const errors = number(/^number of failed transactions: (\d+)/m) + aborted;
  return {
    tps: number(/^tps = ([\d.]+)/m),
    mean: number(/^latency average = ([\d.]+) ms/m),
    transactions,
    errors,
    success: (100 * transactions) / (transactions + errors),
  };
}
