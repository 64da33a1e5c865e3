import { buildImage } from "../../testing/images.ts";
import { chainOf } from "../chain.ts";
import { measurePairs, type Comparison, type Figures, type Shown } from "../comparison.ts";
import { withCpu } from "../cpu.ts";
import type { Part } from "../part.ts";
import { Pgbench, type Target } from "../pgbench.ts";
import { measured } from "../progress.ts";
import { SERVICE_LOADS, type ServiceLoad } from "../serviceLoads.ts";
import { median } from "../statistics.ts";

const COST: Shown[] = [
  { figure: "machine", unit: "µs" },
  { figure: "busy", unit: "%" },
];

/** What the services do most, as their own logins, each at the rate that the machine gives. */
export const services: Part = async ({ workspace, stack, options }) => {
  await stack.ensureData(options.rows);
  const chain = await chainOf(stack);
  const pgbench = new Pgbench(workspace, await buildImage("postgres"));
  const measure = async (
    target: Target,
    { script, clients, rate, rows = 1 }: ServiceLoad,
  ): Promise<Figures> => {
    const load = {
      scripts: [script],
      clients,
      seconds: options.seconds,
      ...(rate !== undefined && { rate }),
    };
    const figures = await withCpu(chain.containers, () => pgbench.measure(target, load));
    return { ...figures, rows: figures["tps"]! * rows };
  };

  const comparisons: Comparison[] = [];
  for (const load of SERVICE_LOADS) {
    // Connections are opened and caches filled before anything counts.
    for (const target of [chain.pooled(load.login), chain.straight(load.login)]) await measure(target, load);
    await stack.settle();
    comparisons.push({
      name: load.name,
      subject: "pooled",
      reference: "direct",
      shown: [...load.shown, ...COST],
      pairs: await measurePairs(
        options.pairs,
        () => measured(`${load.name}, pooled`, () => measure(chain.pooled(load.login), load)),
        () => measured(`${load.name}, direct`, () => measure(chain.straight(load.login), load)),
      ),
    });
  }
  return {
    comparisons,
    notes: [
      `Services: each as its own login through PgBouncer and HAProxy (pooled) or straight to the primary (direct), from a ` +
        `container on the stack's network; synchronous_commit on, one replica that streams; prepared statements. ` +
        `machine is the processor time of one transaction with everything on the machine, pgbench and the replica ` +
        `too: two million µs a second are all there is on two cores, and busy says how much of it was used. The requirements ` +
        `ask for 100 authentications a second; without a pause, each client asks again as soon as it has its answer.`,
      ...comparisons.map((comparison) => profile(comparison, chain.containers)),
    ],
  };
};

/** Where the processor time of a pooled transaction goes, in words. */
function profile({ name, pairs }: Comparison, containers: readonly string[]): string {
  const of = (figure: string) => Math.round(median(pairs.map(({ subject }) => subject[figure]!)));
  const parts = containers.map(
    (container) => `${container.replace(/^.*-stack-/, "")} ${of(`cpu of ${container}`)}`,
  );
  const rest = Math.max(0, of("machine") - of("cpu"));
  return (
    `Profile of ${name}, µs of processor time per pooled transaction: ${parts.join(", ")}, all else (pgbench, other ` +
    `containers, the kernel on nobody's account) ${rest}; the cores were busy by ${of("busy")} %.`
  );
}
