import type pg from "pg";
import { UserError } from "../../lib/errors.ts";
import type { Dataset, DatasetOptions } from "./dataset.ts";
import { Keys } from "./keys.ts";
import type { TableName } from "./shares.ts";

/** What was asked for when a seed was first used, and how far it has come. */
export interface SeedRecord {
  rows: number;
  months: number;
  until: number;
  /** Tables that have all their rows. */
  filled: TableName[];
  /** Schemas from whose new rows something is still to be computed. */
  unfinished: string[];
}

interface Profile {
  seedData?: Omit<SeedRecord, "until"> & { until: string };
}

/**
 * The account that stands for a seed, in auth.users beside the generated ones. Nobody can log in with it. Its profile says
 * what was generated, so a run that was interrupted can be finished with the same rows, and one that was finished is
 * not begun again.
 */
export function seedAccount({ options }: Pick<Dataset, "options">): { id: string; name: string } {
  return accountOf(options.seed);
}

function accountOf(seed: number): { id: string; name: string } {
  return { id: new Keys(seed, "seed-data").uuid(0), name: `seed-data.s${seed}` };
}

/** What a seed was used for; undefined when it was not. @param auth  a session of `auth_service`, here and below */
export async function readRecord(auth: pg.Client, seed: number): Promise<SeedRecord | undefined> {
  const found = await auth.query<{ profile: Profile }>("SELECT profile FROM auth.users WHERE id = $1", [
    accountOf(seed).id,
  ]);
  const record = found.rows[0]?.profile.seedData;
  return record && { ...record, until: Date.parse(record.until) };
}

/** Writes down that a seed is used from now on. @throws DatabaseError (23505) when it has been meanwhile */
export async function createRecord(auth: pg.Client, options: DatasetOptions): Promise<void> {
  const { id, name } = accountOf(options.seed);
  const record = { rows: options.rows, months: options.months, until: new Date(options.until).toISOString() };
  await auth.query(
    `INSERT INTO auth.users (id, username, email, display_name, is_active, profile)
     VALUES ($1, $2, $3, 'Generated data', false, $4)`,
    [id, name, `${name}@example.org`, { seedData: { ...record, filled: [], unfinished: [] } }],
  );
}

/** Writes down which tables have all their rows. */
export async function recordFilled(
  auth: pg.Client,
  seed: number,
  filled: readonly TableName[],
): Promise<void> {
  await record(auth, seed, { filled });
}

/** Writes down from which schemas' rows something is still to be computed. */
export async function recordUnfinished(
  auth: pg.Client,
  seed: number,
  unfinished: readonly string[],
): Promise<void> {
  await record(auth, seed, { unfinished });
}

async function record(auth: pg.Client, seed: number, change: object): Promise<void> {
  await auth.query(
    `UPDATE auth.users SET profile = jsonb_set(profile, '{seedData}', profile -> 'seedData' || $2) WHERE id = $1`,
    [accountOf(seed).id, change],
  );
}

/**
 * What a run has to do: as asked for, or, where the seed has been used, as it was asked for then.
 * @throws Fault when that was something else
 */
export function settle(
  seed: number,
  asked: Omit<Partial<DatasetOptions>, "seed"> & { rows: number },
  record: SeedRecord | undefined,
  defaults: { months: number; until: number },
): DatasetOptions {
  if (!record) return { ...defaults, ...defined(asked), seed };
  const { rows, months, until } = record;
  const differs = (["rows", "months", "until"] as const).filter(
    (name) => asked[name] !== undefined && asked[name] !== record[name],
  );
  if (differs.length > 0) {
    const others = differs.filter((name) => name !== "rows").map((name) => `--${name}`);
    throw new UserError(
      `Seed ${seed} was used here for ${rows} rows over ${months} months until ${new Date(until).toISOString()}, ` +
        `and these have the same keys. Take another --seed to add further rows, or ` +
        `${others.length > 0 ? `leave out ${others.join(" and ")} and ` : ""}take --rows ${rows} to finish that run.`,
    );
  }
  return { seed, rows, months, until };
}

function defined<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
