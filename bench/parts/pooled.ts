import type { StackOutputs } from "../../components/stack/outputs.ts";
import { buildImage } from "../../test/support/images.ts";
import { direct, valueOf } from "../../test/stack/clients.ts";
import { measurePairs, type Comparison, type Figures } from "../comparison.ts";
import { withCpu } from "../cpu.ts";
import type { DevStack } from "../devStack.ts";
import type { Part } from "../part.ts";
import { Pgbench, type Load, type Target } from "../pgbench.ts";
import { measured } from "../progress.ts";
import { docker } from "../workspace.ts";

const LOGIN = "acgs_user";
const SCRIPTS = ["select-only", "simple-update"];
const CLIENTS = [8, 32];

/** pgbench through PgBouncer and HAProxy against the same pgbench straight to the primary. */
export const pooled: Part = async ({ workspace, stack, options }) => {
  await stack.ensureUp();
  const outputs = await stack.outputs();
  const through = targetOf(outputs.services[LOGIN].url);
  const member = await primary(outputs);
  const straight = { ...through, port: member.port };
  await makeSchema(stack, member.name, through.database);
  const pgbench = new Pgbench(workspace, await buildImage("postgres"));
  await pgbench.initialize(straight, options.pooledScale);

  const comparisons: Comparison[] = [];
  for (const script of SCRIPTS) {
    for (const clients of CLIENTS) {
      const name = `${script}, ${clients} clients`;
      const load = { scripts: [script], clients, seconds: options.seconds };
      // Connections are opened and caches filled before anything counts.
      for (const target of [through, straight]) await pgbench.measure(target, { ...load, seconds: 1 });
      comparisons.push({
        name,
        subject: "pooled",
        reference: "direct",
        shown: [
          { figure: "tps", unit: "tps" },
          { figure: "p50", unit: "ms" },
          { figure: "cpu", unit: "µs" },
        ],
        pairs: await measurePairs(
          options.pairs,
          () => measured(`${name}, pooled`, () => measure(through, load)),
          () => measured(`${name}, direct`, () => measure(straight, load)),
        ),
      });
    }
  }
  const { size, reserve } = outputs.services[LOGIN].pool;
  return {
    comparisons,
    notes: [
      `pooled goes through PgBouncer (${size} server connections, ${reserve} in reserve) and HAProxy; direct opens one ` +
        `server connection per client. Both enter by a port on 127.0.0.1, and so through Docker's own proxy. pgbench, ` +
        `pooler, router and both PostgreSQL members share the machine's cores. cpu is the time that the last four ` +
        `spend on a transaction.`,
    ],
  };

  function measure(target: Target, load: Load): Promise<Figures> {
    const aliases = ["pgbouncer-1", "haproxy-1", ...outputs.postgres.members.map(({ name }) => name)];
    const containers = aliases.map((alias) => stack.container(alias));
    return withCpu(containers, () => pgbench.measure(target, load));
  }
};

function targetOf(url: string): Target {
  const { port, pathname, username, password } = new URL(url);
  const plain = decodeURIComponent;
  return {
    port: Number(port),
    database: plain(pathname.slice(1)),
    user: plain(username),
    password: plain(password),
  };
}

async function primary({ postgres, services }: StackOutputs): Promise<{ name: string; port: number }> {
  for (const member of postgres.members) {
    const url = direct(services[LOGIN].url, member);
    if ((await valueOf(url, "SELECT pg_is_in_recovery()")) === false) return member;
  }
  throw new Error("No member is the primary.");
}

/** pgbench names no schema: the login's search path leads its tables into one of their own. */
async function makeSchema(stack: DevStack, member: string, database: string): Promise<void> {
  const statements = [
    `CREATE SCHEMA IF NOT EXISTS pgbench AUTHORIZATION ${LOGIN}`,
    `ALTER ROLE ${LOGIN} IN DATABASE ${database} SET search_path = pgbench`,
  ];
  await docker([
    ...["exec", "--user", "postgres", stack.container(member)],
    ...["psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", `--dbname=${database}`],
    ...statements.flatMap((statement) => ["--command", statement]),
  ]);
}
