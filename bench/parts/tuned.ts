import { wantedParameters } from "../../components/postgres/wantedParameters.ts";
import { parseConfiguration } from "../../components/stack/configuration.ts";
import { buildImage } from "../../test/support/images.ts";
import { shippedConfiguration } from "../../test/support/stackConfiguration.ts";
import { measurePairs, type Comparison, type Figures } from "../comparison.ts";
import { withCpu } from "../cpu.ts";
import type { Part } from "../part.ts";
import { Pgbench, type Load } from "../pgbench.ts";
import { measured } from "../progress.ts";
import { startServer, type Server } from "../server.ts";

const CLIENTS = 8;
const WORKLOADS: Record<string, string[]> = {
  "TPC-B": ["tpcb-like"],
  "select-only": ["select-only"],
  mixed: ["select-only@4", "tpcb-like@1"],
};

/** The parameters that sizing gives the dev stack's member against PostgreSQL's own, on two plain servers. */
export const tuned: Part = async ({ workspace, stack, options }) => {
  // Even an idle stack works: a health check of each container every five seconds.
  await stack.remove();
  const image = await buildImage("postgres");
  const pgbench = new Pgbench(workspace, image);
  const { postgres } = parseConfiguration(shippedConfiguration("dev"), "dev");
  const { memoryMb } = postgres;
  // The stack's database is not there: pg_cron would try again and again to reach it.
  const parameters = { ...wantedParameters(postgres), "cron.database_name": "postgres" };
  const sized = await startServer(workspace, { name: "tuned", image, memoryMb, parameters });
  const plain = await startServer(workspace, { name: "default", image, memoryMb, parameters: {} });
  for (const server of [sized, plain]) {
    await pgbench.initialize(server, options.tunedScale);
    await server.query("VACUUM ANALYZE");
  }

  const comparisons: Comparison[] = [];
  for (const [name, scripts] of Object.entries(WORKLOADS)) {
    const load = { scripts, clients: CLIENTS, seconds: options.seconds };
    // Both begin alike, and with their caches filled. No checkpoint comes between the runs: how often a server needs
    // one is among what the parameters decide.
    for (const server of [sized, plain]) {
      await server.query("CHECKPOINT");
      await pgbench.measure(server, load);
    }
    comparisons.push({
      name: `${name}, ${CLIENTS} clients`,
      subject: "tuned",
      reference: "default",
      shown: [
        { figure: "tps", unit: "tps" },
        { figure: "p50", unit: "ms" },
        { figure: "cpu", unit: "µs" },
      ],
      pairs: await measurePairs(
        options.pairs,
        () => measured(`${name}, tuned`, () => measure(sized, load)),
        () => measured(`${name}, default`, () => measure(plain, load)),
      ),
    });
  }
  return {
    comparisons,
    notes: [
      `tuned and default are two servers without replicas, ${memoryMb} MB each, data on a volume with fsync, ` +
        `scale ${options.tunedScale} (about ${options.tunedScale * 15} MB); after a checkpoint and a run to fill the caches. tuned ` +
        `also carries what an operator wants to see (pg_stat_statements, auto_explain, track_io_timing). mixed is ` +
        `four select-only to one TPC-B. cpu is the server's time per transaction. A difference below 15 % is none with fewer than ten pairs.`,
    ],
  };

  function measure(server: Server, load: Load): Promise<Figures> {
    return withCpu([server.container], () => pgbench.measure(server, load));
  }
};
