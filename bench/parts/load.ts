import { buildImage } from "../../testing/images.ts";
import { chainOf } from "../chain.ts";
import { measurePairs, type Comparison, type Shown } from "../comparison.ts";
import { withCpu } from "../cpu.ts";
import { POLICY_DECISION, POLICY_LOOKUP } from "../loads.ts";
import type { Part } from "../part.ts";
import { Pgbench, type Load, type Target } from "../pgbench.ts";
import { measured } from "../progress.ts";

const LOGIN = "acgs_user";
/** The requirements' numbers of users, with the success rate and mean response (ms) that they measured. */
const CLIENTS: { clients: number; rate?: number; success: number; response: number }[] = [
  { clients: 10, success: 100, response: 25.3 },
  { clients: 25, success: 99.8, response: 42.7 },
  { clients: 50, success: 99.2, response: 78.9 },
  { clients: 100, success: 98.5, response: 145.2 },
  // Not in their table; each of the thousand asks once a second.
  { clients: 1000, rate: 1_000, success: 100, response: 100 },
];
/** A thousand log-ins take seconds, and pgbench counts them. */
const LOG_INS_S = 30;
/** What of it a server can be asked without a pooler: it has 200 connections. */
const MOST_STRAIGHT = 100;

/** More and more clients of the application, four look-ups of policies to one decision. */
export const load: Part = async ({ workspace, stack, options }) => {
  await stack.ensureData(options.rows);
  const chain = await chainOf(stack);
  const pgbench = new Pgbench(workspace, await buildImage("postgres"));
  const scripts = [{ ...POLICY_LOOKUP, weight: 4 }, POLICY_DECISION];
  const measure = (target: Target, clients: number, rate?: number) => {
    const one: Load = {
      ...{ scripts, clients, countErrors: true },
      ...(rate === undefined
        ? { seconds: options.seconds }
        : // Not prepared: pgbench prepares while its thread waits, and a thread has many clients here.
          { rate, seconds: options.seconds + LOG_INS_S, protocol: "extended", threads: 4 }),
    };
    return withCpu(chain.containers, () => pgbench.measure(target, one));
  };

  const comparisons: Comparison[] = [];
  for (const { clients, rate, success, response } of CLIENTS) {
    await stack.settle();
    const straight = Math.min(clients, MOST_STRAIGHT);
    const name = `${clients} clients${rate === undefined ? "" : ` at ${rate}/s`}`;
    const shown: Shown[] = [
      { figure: "tps", unit: "tps" },
      { figure: "success", unit: "%", goal: { atLeast: success } },
      { figure: "p50", unit: "ms" },
      { figure: "p95", unit: "ms", goal: { atMost: response } },
      { figure: "p99", unit: "ms" },
      { figure: "busy", unit: "%" },
    ];
    comparisons.push({
      name,
      subject: "pooled",
      reference: straight === clients ? "direct" : `direct, ${straight} clients`,
      shown,
      pairs: await measurePairs(
        options.pairs,
        () => measured(`${name}, pooled`, () => measure(chain.pooled(LOGIN), clients, rate)),
        () => measured(`${name}, direct`, () => measure(chain.straight(LOGIN), straight, rate)),
      ),
    });
  }
  return {
    comparisons,
    notes: [
      `Load: ${LOGIN}, four policy look-ups to one decision, from a container on the stack's network; each client asks again ` +
        `as soon as it has its answer, but the thousand, who ask once a second each. ` +
        `The goals of success and p95 are what the requirements measured as success and mean (1000 clients: what this ` +
        `project asks of itself). The primary takes 200 connections, so 1000 clients are compared with 100 direct ones.`,
    ],
  };
};
