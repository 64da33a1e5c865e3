import { buildImage } from "../../testing/images.ts";
import type { Comparison, Figures, Shown } from "../comparison.ts";
import { contenders, DEFAULTS, differing, OURS, type Contender } from "../contenders.ts";
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
  removeData,
  seedServer,
  startSeedServer,
  stopServer,
  type SeedServer,
} from "../seedServer.ts";
import { startServer } from "../server.ts";
import { withWal } from "../wal.ts";

/** Of each server. All of them have to fit beside each other, each with its share of the file system's cache. */
const MEMORY_MB = 3_072;
const CLIENTS = 16;
const ROUNDS = 10;
const SECONDS = 3;
/** Of a run before the first that counts. */
const WARM_UP_SECONDS = 2;
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
  const seats = await startContenders();

  // A first round that does not count: caches are filled, and connections have been made.
  const runs = new Map<string, Run[]>(loads.map(({ name }) => [name, []]));
  for (let round = options.quick ? 1 : 0; round <= rounds; round++) {
    sayProgress(`round ${round} of ${rounds}`);
    for (const mix of shuffled(loads, round)) {
      for (const seat of shuffled(takingPart(seats, mix), round * 100 + loads.indexOf(mix))) {
        const { name } = seat.contender;
        await seat.take();
        const figures = await measured(`${mix.name}, ${name}`, () => measure(seat.server, mix, round));
        if (round > 0) runs.get(mix.name)!.push({ round, contender: name, figures });
      }
    }
  }
  return { comparisons: loads.flatMap((mix) => compare(mix.name, runs.get(mix.name)!)), notes: notes() };

  /** Each contender on a server with a copy of the same data; a guest on its host's. */
  async function startContenders(): Promise<Seat[]> {
    const schemas = loads.map(({ schema }) => schema);
    const parameters = { ...LOADING, shared_buffers: "1GB" };
    const loader = { name: "source", image, memoryMb: 2 * MEMORY_MB, parameters };
    const source = await startSeedServer(workspace, loader, schemas);
    await loadMixes(source, loads);
    await stopServer(source);

    const all = await contenders(MEMORY_MB, MIXED_LOADS);
    const hosts = all.filter(({ guestOf }) => guestOf === undefined);
    const started: Seat[] = [];
    for (const [i, host] of hosts.entries()) {
      const name = `tuned-${i + 1}`;
      sayProgress(`the data are copied for ${host.name}`);
      await copyData(workspace, image, source, name);
      const party = [host, ...all.filter(({ guestOf }) => guestOf === host.name)];
      const varied = differing(party.map((contender) => contender.parameters));
      const common = Object.entries(host.parameters).filter(([parameter]) => !varied.includes(parameter));
      const { password } = source;
      const args = { name, image, memoryMb: MEMORY_MB, parameters: Object.fromEntries(common), password };
      const server = seedServer(await startServer(workspace, args), source.passwords);
      started.push(...party.map((contender) => seatOf(server, contender, varied)));
    }
    await removeData(source);
    return started;
  }

  function measure(server: SeedServer, { login, scripts }: Mix, round: number): Promise<Figures> {
    const target = {
      ...server,
      host: "127.0.0.1",
      port: 5432,
      user: login,
      password: server.passwords.get(login)!,
    };
    const load = { scripts, clients: CLIENTS, seconds: round > 0 ? seconds : WARM_UP_SECONDS };
    return withWal(server, () => withCpu([server.container], () => pgbench.measure(target, load)));
  }

  function notes(): string[] {
    return [
      `Each set of parameters has a server of ${MEMORY_MB} MB, without replicas, on its own copy of the same ${options.rows} rows. ` +
        `Each round runs every mix once on every server, for ${seconds} s with ${CLIENTS} clients, in another order each time; the ` +
        `others stand idle, and do what background work they want. So a server works for about a seventh of the time, and its ` +
        `checkpoints by time and its autovacuum come as often as under such a load. A ratio is of two runs of one round.`,
      `${OURS} carries its monitoring (pg_stat_statements, auto_explain, pg_cron, pgaudit without work, track_io_timing); Pigsty's set names ` +
        `pg_stat_statements and auto_explain, too, the others none. All were told of 200 connections. cpu is the server's time ` +
        `per transaction, wal the bytes of WAL per transaction. "best" is the published set with the most transactions per second.`,
    ];
  }
};

function takingPart(seats: readonly Seat[], mix: Mix): Seat[] {
  return seats.filter(({ contender }) => contender.mixes?.includes(mix.name) ?? true);
}

/** A contender on its server. */
interface Seat {
  contender: Contender;
  server: SeedServer;
  /** Sees to it that the server has the contender's parameters. */
  take: () => Promise<void>;
}

/** @param varied  parameters that another contender of the server gives another value; all take a reload */
function seatOf(server: SeedServer, contender: Contender, varied: readonly string[]): Seat {
  const take = async (): Promise<void> => {
    if (varied.length === 0) return;
    for (const name of varied) {
      const value = contender.parameters[name];
      await server.query(
        value === undefined ? `ALTER SYSTEM RESET ${name}` : `ALTER SYSTEM SET ${name} = '${value}'`,
      );
    }
    await server.query("SELECT pg_reload_conf()");
  };
  return { contender, server, take };
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
