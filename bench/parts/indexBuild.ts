import { cpus } from "node:os";
import { sizeParameters } from "../../components/postgres/sizing.ts";
import { buildImage } from "../../testing/images.ts";
import { measurePairs, type Comparison, type Figures } from "../comparison.ts";
import type { Part } from "../part.ts";
import { Pgbench, type Script } from "../pgbench.ts";
import { measured, sayProgress } from "../progress.ts";
import { startSeedServer } from "../seedServer.ts";
import { Session } from "../session.ts";

const MEMORY_MB = 4_096;
const TABLE = "bench.decisions";
const INDEX = "idx_decisions_user";
const COLUMNS = `${TABLE} (user_id, decision_time DESC)`;
/** What the requirements ask of the policy service at least: decisions per second. */
const RATE = 1_000;
const CLIENTS = 8;
const SECONDS = 10;

const WRITER: Script = {
  name: "decision",
  text: `INSERT INTO ${TABLE} (policy_id, request_id, user_id, evaluation_time_us, decision, decision_path, input)
VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 420, 'allow', 'acgs/authz/allow',
  jsonb_build_object('action', 'action_3', 'trace', md5(random()::text)));
`,
};

/** An index built concurrently against the plain build, and what its writers notice of it. */
export const indexBuild: Part = async ({ workspace, stack, options }) => {
  await stack.remove();
  const image = await buildImage("postgres");
  const pgbench = new Pgbench(workspace, image);
  const parameters = sizeParameters({
    memoryMb: MEMORY_MB,
    cpus: cpus().length,
    storage: "ssd",
    workload: "oltp",
    maxConnections: 200,
    members: 1,
  });
  const args = { name: "index", image, memoryMb: MEMORY_MB, parameters };
  const server = await startSeedServer(workspace, args, ["pgc"]);
  const session = await Session.open(server);
  await load(session, options.rows);
  const seconds = options.quick ? 2 : SECONDS;

  const comparisons: Comparison[] = [
    {
      name: "index build",
      subject: "concurrently",
      reference: "plain",
      shown: [{ figure: "time", unit: "s", goal: { atMost: 1.5, of: "ratio" } }],
      pairs: await measurePairs(
        options.pairs,
        () => measured("build, concurrently", () => build(session, "CONCURRENTLY")),
        () => measured("build, plain", () => build(session, "")),
      ),
    },
    {
      name: `${RATE} writes per second`,
      subject: "during builds",
      reference: "without",
      shown: [
        { figure: "p99", unit: "ms", goal: { atMost: 2, of: "ratio" } },
        { figure: "p50", unit: "ms" },
        { figure: "success", unit: "%", goal: { atLeast: 100 } },
      ],
      pairs: await measurePairs(
        options.pairs,
        () => measured("writers, during builds", duringBuilds),
        () => measured("writers, without", write),
      ),
    },
  ];
  await session.close();
  return {
    comparisons,
    notes: [
      `indexBuild: a B-tree on (user_id, decision_time) of ${options.rows} decisions in one table, on a server of ${MEMORY_MB} MB ` +
        `with the parameters that sizing gives it. Writers: ${CLIENTS} clients, ${RATE} inserts per second in all, for ${seconds} s; ` +
        `latency counts from when a write was due. During builds: the index is built concurrently and dropped, again and ` +
        `again, until the writers are through. Server, pgbench and build share the machine's cores.`,
    ],
  };

  function write(): Promise<Figures> {
    const target = { ...server, host: "127.0.0.1", port: 5432 };
    return pgbench.measure(target, {
      scripts: [WRITER],
      clients: CLIENTS,
      seconds,
      rate: RATE,
      samplingRate: 1,
      countErrors: true,
    });
  }

  async function duringBuilds(): Promise<Figures> {
    let writing = true;
    const builds = (async () => {
      let count = 0;
      for (; writing; count++) await build(session, "CONCURRENTLY");
      return count;
    })();
    // A failed build must not go unnoticed while the writers still run.
    builds.catch(() => undefined);
    try {
      const figures = await write();
      writing = false;
      return { ...figures, builds: await builds };
    } finally {
      writing = false;
    }
  }
};

/** Builds the index and takes it away again. */
async function build(session: Session, how: "CONCURRENTLY" | ""): Promise<Figures> {
  const time = (await session.timed(`CREATE INDEX ${how} ${INDEX} ON ${COLUMNS}`)) / 1000;
  // Without CONCURRENTLY writers would wait for the drop, and it for them.
  await session.timed(`DROP INDEX CONCURRENTLY bench.${INDEX}`);
  return { time };
}

async function load(session: Session, rows: number): Promise<void> {
  const seconds =
    (await session.timed(`
      CREATE SCHEMA bench;
      CREATE TABLE ${TABLE} (LIKE pgc.policy_decisions INCLUDING ALL EXCLUDING INDEXES);
      INSERT INTO ${TABLE} (created_at, decision_time, policy_id, user_id, evaluation_time_us, decision, decision_path, input)
      SELECT now() - i * interval '1 second', now() - i * interval '1 second', md5((i % 2000)::text)::uuid,
        md5(i::text)::uuid, 200 + i % 900, 'allow', 'acgs/authz/allow', jsonb_build_object('action', i % 10)
      FROM generate_series(1, ${rows}) AS i;
      ALTER TABLE ${TABLE} ADD PRIMARY KEY (id, created_at)`)) / 1000;
  await session.timed(`VACUUM (ANALYZE) ${TABLE}`);
  // A server that has run for a while has files of WAL to use again; making new ones would stop every writer.
  await session.timed("CHECKPOINT");
  sayProgress(`${rows} decisions loaded in ${seconds.toFixed(0)} s`);
}
