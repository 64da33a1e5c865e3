import type { Figures } from "./comparison.ts";
import type { SeedServer } from "./seedServer.ts";

const COUNTERS = `
  SELECT wal_bytes::float8 AS bytes, wal_fpi::float8 AS images,
    (SELECT checkpoints_timed + checkpoints_req FROM pg_stat_bgwriter)::float8 AS checkpoints
  FROM pg_stat_wal`;

/**
 * Adds to what a load measures what the server wrote ahead for one of its transactions: bytes (`wal`) and images of whole
 * pages (`images`), which every page needs once after each checkpoint; and the `checkpoints` that ended meanwhile.
 */
export async function withWal(server: SeedServer, measure: () => Promise<Figures>): Promise<Figures> {
  const before = await counters(server);
  const figures = await measure();
  const after = await counters(server);
  const spent = (name: string) => after[name]! - before[name]!;
  const transactions = figures["transactions"]!;
  return {
    ...figures,
    wal: spent("bytes") / transactions,
    images: spent("images") / transactions,
    checkpoints: spent("checkpoints"),
  };
}

async function counters(server: SeedServer): Promise<Record<string, number>> {
  const [row] = await server.rows<Record<string, number>>(COUNTERS);
  return row!;
}
