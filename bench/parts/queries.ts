import { closeSession, openSession } from "../../lib/postgres/session.ts";
import { count } from "../../lib/text/words.ts";
import { buildImage } from "../../testing/images.ts";
import { direct } from "../../testing/clients.ts";
import { chainOf, primaryOf, urlOf } from "../chain.ts";
import { measurePairs, type Comparison, type Figures, type Goal } from "../comparison.ts";
import { QUERIES } from "../loads.ts";
import type { Part } from "../part.ts";
import { Pgbench, type Script, type Target } from "../pgbench.ts";
import { measured } from "../progress.ts";

const LOGIN = "acgs_user";
const CONNECTIONS = 5;

/** The requirements' queries, one client, each against the same query on a direct connection. */
export const queries: Part = async ({ workspace, stack, options }) => {
  await stack.ensureData(options.rows);
  const chain = await chainOf(stack);
  const pgbench = new Pgbench(workspace, await buildImage("postgres"));
  const measure = (target: Target, script: Script) =>
    pgbench.measure(target, { scripts: [script], clients: 1, seconds: options.seconds, samplingRate: 1 });

  const comparisons: Comparison[] = [];
  for (const { script, required } of QUERIES) {
    for (const target of [chain.pooled(LOGIN), chain.straight(LOGIN)]) await measure(target, script);
    const overhead: Goal = { of: "difference", atMost: 0.3 };
    comparisons.push({
      name: `${script.name}, one client`,
      subject: "pooled",
      reference: "direct",
      shown: [
        { figure: "p50", unit: "ms", goal: script.name === "basic" ? overhead : { atMost: required } },
        { figure: "p95", unit: "ms" },
      ],
      pairs: await measurePairs(
        options.pairs,
        () => measured(`${script.name}, pooled`, () => measure(chain.pooled(LOGIN), script)),
        () => measured(`${script.name}, direct`, () => measure(chain.straight(LOGIN), script)),
      ),
    });
  }

  const outputs = await stack.outputs();
  const primary = await primaryOf(outputs);
  const member = outputs.postgres.members.find(({ name }) => name === primary)!;
  const pooledUrl = urlOf(outputs, LOGIN);
  const straightUrl = direct(pooledUrl, member);
  for (const url of [pooledUrl, straightUrl]) await setUp(url);
  comparisons.push({
    name: `pool set-up of ${CONNECTIONS} connections`,
    subject: "pooled",
    reference: "direct",
    shown: [{ figure: "time", unit: "ms", goal: { atMost: 40 } }],
    pairs: await measurePairs(
      options.pairs * 4,
      () => setUp(pooledUrl),
      () => setUp(straightUrl),
    ),
  });
  const figures = QUERIES.map(({ script, required }) => `${script.name} ${required} ms`).join(", ");
  return {
    comparisons,
    notes: [
      `Queries: ${LOGIN} from a container on the stack's network, prepared, ${count(options.rows)} rows in the stack. ` +
        `The requirements measured ${figures}, and 77.22 ms for the pool; the goal of the first is what the chain may add. The ` +
        `pool is opened by the pg library on the host, through a port on 127.0.0.1, with SCRAM and one query each.`,
    ],
  };
};

/** Opens the connections of a pool at once, and asks each of them something. */
async function setUp(url: string): Promise<Figures> {
  const begun = performance.now();
  const clients = await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const client = await openSession({ at: url });
      await client.query("SELECT 1");
      return client;
    }),
  );
  const time = performance.now() - begun;
  await Promise.all(clients.map(closeSession));
  return { time };
}
