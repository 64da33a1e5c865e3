import { sayProgress } from "../progress.ts";
import type { SeedServer } from "../seedServer.ts";
import { Session } from "../session.ts";
import { TEXTS, type Mix } from "./mix.ts";

/** Rows of one statement: large enough that a statement's own cost does not count, small enough to share out. */
const CHUNK = 100_000;
const SESSIONS = 2;
/** Partitions that the rows of {@link spread} need: this month and the twelve before it. */
const MONTHS_BACK = 12;

/** Fills the tables of the mixes, and leaves them vacuumed and analyzed as autovacuum would in time. */
export async function loadMixes(server: SeedServer, mixes: readonly Mix[]): Promise<void> {
  const begun = performance.now();
  for (const statement of TEXTS) await server.query(statement);
  await server.query(`GRANT USAGE ON SCHEMA bench TO PUBLIC; GRANT SELECT ON bench.texts TO PUBLIC`);
  await server.query(
    `SELECT count(steps.*) FROM platform.partition_policies AS policy,
       platform.ensure_months(policy, (now() - interval '${MONTHS_BACK} months')::date, now()::date) AS steps`,
  );
  await shareOut(server, mixes.flatMap(chunks));
  await server.query("VACUUM (ANALYZE)");
  const seconds = (performance.now() - begun) / 1000;
  const [size] = await server.rows<{ mb: number }>(
    "SELECT (pg_database_size(current_database()) / 1048576)::integer AS mb",
  );
  const rows = mixes.flatMap(({ fills }) => fills).reduce((sum, fill) => sum + fill.rows, 0);
  sayProgress(`${rows} rows, ${size!.mb} MB, loaded in ${seconds.toFixed(0)} s`);
}

function chunks({ fills }: Mix): string[] {
  return fills.flatMap(({ rows, insert }) =>
    Array.from({ length: Math.ceil(rows / CHUNK) }, (_, chunk) =>
      insert(chunk * CHUNK + 1, Math.min((chunk + 1) * CHUNK, rows)),
    ),
  );
}

/** Runs statements in several sessions, each the next one that is left. */
async function shareOut(server: SeedServer, statements: readonly string[]): Promise<void> {
  const left = [...statements];
  const work = async () => {
    const session = await Session.open(server);
    try {
      // The rows are made to fit: triggers and foreign keys would only look at each once more.
      await session.timed("SET session_replication_role = replica");
      for (let next = left.shift(); next !== undefined; next = left.shift()) await session.timed(next);
    } finally {
      // Where one fails, the others stop after their statement.
      left.length = 0;
      await session.close();
    }
  };
  await Promise.all(Array.from({ length: SESSIONS }, work));
}
