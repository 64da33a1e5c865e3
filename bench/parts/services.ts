import { buildImage } from "../../test/support/images.ts";
import { chainOf } from "../chain.ts";
import { measurePairs, type Comparison, type Figures, type Shown } from "../comparison.ts";
import { withCpu } from "../cpu.ts";
import { AUDIT_BATCH, AUDIT_WRITE, AUTHENTICATION, BATCH, POLICY_DECISION, POLICY_LOOKUP } from "../loads.ts";
import type { Part } from "../part.ts";
import { Pgbench, type Script, type Target } from "../pgbench.ts";
import { measured } from "../progress.ts";
import { median } from "../statistics.ts";

interface ServiceLoad {
  name: string;
  login: string;
  script: Script;
  clients: number;
  /** Transactions a second; as many as go unless given. */
  rate?: number;
  shown: Shown[];
  /** Rows of one transaction. */
  rows?: number;
}

const p95 = (atMost?: number): Shown => ({
  figure: "p95",
  unit: "ms",
  ...(atMost !== undefined && { goal: { atMost } }),
});
const COST: Shown[] = [
  { figure: "machine", unit: "µs" },
  { figure: "busy", unit: "%" },
];

const LOADS: ServiceLoad[] = [
  {
    name: "policy decisions, 32 clients",
    ...{ login: "pgc_service", script: POLICY_DECISION, clients: 32 },
    shown: [{ figure: "tps", unit: "tps", goal: { atLeast: 5_000 } }, p95(10)],
  },
  {
    name: "policy look-ups, 32 clients",
    ...{ login: "pgc_service", script: POLICY_LOOKUP, clients: 32 },
    shown: [{ figure: "tps", unit: "tps", goal: { atLeast: 12_000 } }, p95(5)],
  },
  {
    name: "audit writes one by one, 32 clients",
    ...{ login: "integrity_service", script: AUDIT_WRITE, clients: 32 },
    shown: [{ figure: "tps", unit: "tps", goal: { atLeast: 5_000 } }, p95()],
  },
  {
    name: `audit writes by ${BATCH}, 4 clients`,
    ...{ login: "integrity_service", script: AUDIT_BATCH, clients: 4, rows: BATCH },
    shown: [{ figure: "rows", unit: "rows/s", goal: { atLeast: 30_000 } }, p95()],
  },
  {
    name: "authentications, 100 clients at 2,000/s",
    ...{ login: "auth_service", script: AUTHENTICATION, clients: 100, rate: 2_000 },
    shown: [{ figure: "tps", unit: "tps", goal: { atLeast: 100 } }, p95(5)],
  },
  {
    name: "authentications, 100 clients without a pause",
    ...{ login: "auth_service", script: AUTHENTICATION, clients: 100 },
    shown: [{ figure: "tps", unit: "tps" }, p95(5)],
  },
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
  for (const load of LOADS) {
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
