import { buildImage } from "../../test/support/images.ts";
import type { Comparison, Figures, Shown } from "../comparison.ts";
import { contenders, DEFAULTS, OURS, type Contender } from "../contenders.ts";
import { withCpu } from "../cpu.ts";
import { mixes, type Mix } from "../mixes/index.ts";
import { loadMixes } from "../mixes/load.ts";
import type { Part } from "../part.ts";
import { Pgbench } from "../pgbench.ts";
import { measured, sayProgress } from "../progress.ts";
import { bestOf, shuffled, versus, type Run } from "../rounds.ts";
import {
  copyData,
  LOADING,
  seedServer,
  startSeedServer,
  stopServer,
  type SeedServer,
} from "../seedServer.ts";
import { startServer } from "../server.ts";
import { withWal } from "../wal.ts";

/** Of each server. Six of them have to fit beside each other, each with its share of the file system's cache. */
const MEMORY_MB = 3_072;
const CLIENTS = 16;
const ROUNDS = 10;
const SECONDS = 6;
/** Where most transactions write: what the parameters are to be worth against PostgreSQL's own. */
const WRITE_MIXES = ["integrity 30/70", "pgc 20/80"];
/** What the requirements call a mixed load: there PGTune is asked for its set for such, too. */
const MIXED_LOADS = ["gs 60/40"];

/** The parameters that sizing gives a member, PostgreSQL's own, and those of published formulas, on the same data. */
export const tuned: Part = async ({ workspace, stack, options }) => {
  // Even an idle stack works: a health check of each container every five seconds.
  await stack.remove();
  const rounds = options.quick ? 2 : Math.max(options.pairs, ROUNDS);
  const seconds = options.quick ? 1 : Math.max(options.seconds, SECONDS);
  const image = await buildImage("postgres");
  const pgbench = new Pgbench(workspace, image);
  const loads = mixes(options.rows);
  const servers = await startContenders();

  // A first round that does not count: caches are filled, files of WAL made, and the first checkpoints are behind.
  const runs = new Map<string, Run[]>(loads.map(({ name }) => [name, []]));
  for (let round = options.quick ? 1 : 0; round <= rounds; round++) {
    sayProgress(`round ${round} of ${rounds}`);
    for (const mix of shuffled(loads, round)) {
      for (const { contender, server } of shuffled(
        takingPart(servers, mix),
        round * 100 + loads.indexOf(mix),
      )) {
        const figures = await measured(`${mix.name}, ${contender.name}`, () => measure(server, mix));
        if (round > 0) runs.get(mix.name)!.push({ round, contender: contender.name, figures });
      }
    }
  }
  return { comparisons: loads.flatMap((mix) => compare(mix.name, runs.get(mix.name)!)), notes: notes() };

  async function startContenders(): Promise<{ contender: Contender; server: SeedServer }[]> {
    const schemas = loads.map(({ schema }) => schema);
    const loading = { ...LOADING, shared_buffers: "1GB" };
    const source = await startSeedServer(
      workspace,
      { name: "source", image, memoryMb: 2 * MEMORY_MB, parameters: loading },
      schemas,
    );
    await loadMixes(source, loads);
    await stopServer(source);
    const started = [];
    for (const [i, contender] of (await contenders(MEMORY_MB, MIXED_LOADS)).entries()) {
      const name = `tuned-${i + 1}`;
      await copyData(workspace, image, source, name);
      const { parameters } = contender;
      const server = await startServer(workspace, {
        name,
        image,
        memoryMb: MEMORY_MB,
        parameters,
        password: source.password,
      });
      started.push({ contender, server: seedServer(server, source.passwords) });
    }
    return started;
  }

  function measure(server: SeedServer, { login, scripts }: Mix): Promise<Figures> {
    const target = {
      ...server,
      host: "127.0.0.1",
      port: 5432,
      user: login,
      password: server.passwords.get(login)!,
    };
    return withWal(server, () =>
      withCpu([server.container], () => pgbench.measure(target, { scripts, clients: CLIENTS, seconds })),
    );
  }

  function notes(): string[] {
    return [
      `Each set of parameters has a server of ${MEMORY_MB} MB, without replicas, on its own copy of the same ${options.rows} rows. ` +
        `Each round runs every mix once on every server, for ${seconds} s with ${CLIENTS} clients, in another order each time; the ` +
        `others stand idle, and do what background work they want. So a server works for about a seventh of the time, and its ` +
        `checkpoints by time and its autovacuum come as often as under such a load. A ratio is of two runs of one round.`,
      `${OURS} carries its monitoring (pg_stat_statements, auto_explain, pg_cron, track_io_timing); Pigsty's set names ` +
        `pg_stat_statements and auto_explain, too, the others none. All were told of 200 connections. cpu is the server's time ` +
        `per transaction, wal the bytes of WAL per transaction. "best" is the published set with the most transactions per second.`,
    ];
  }
};

function takingPart<T extends { contender: Contender }>(servers: readonly T[], mix: Mix): T[] {
  return servers.filter(({ contender }) => contender.mixes?.includes(mix.name) ?? true);
}

/** Against each of the others, and against the best of them once more, with the goal. */
function compare(mix: string, runs: readonly Run[]): Comparison[] {
  const others = [...new Set(runs.map(({ contender }) => contender))].filter((name) => name !== OURS).sort();
  const best = bestOf(runs, "tps", [OURS, DEFAULTS]);
  const tps = (goal?: number): Shown => ({
    figure: "tps",
    unit: "tps",
    ...(goal !== undefined && { goal: { atLeast: goal, of: "ratio" } }),
  });
  const cost: Shown[] = [
    { figure: "cpu", unit: "µs" },
    { figure: "wal", unit: "B" },
  ];
  return [
    ...others.map((name) => {
      const goal = name === DEFAULTS && WRITE_MIXES.includes(mix) ? 1.25 : undefined;
      return versus(mix, runs, OURS, name, [tps(goal), ...(name === DEFAULTS ? cost : [])]);
    }),
    versus(`${mix}, best`, runs, OURS, best, [tps(0.97), ...cost]),
  ];
}
