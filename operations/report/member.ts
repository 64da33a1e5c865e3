import pg from "pg";
import type { z } from "zod";
import { closeSession, openSession } from "../../lib/postgres/session.ts";
import { MEMBER_VIEWS, PRIMARY_VIEWS, type MemberViews, type PrimaryViews } from "./views.ts";

/** What the rows of a view are limited to, and in which order. */
const LIMITS: Readonly<Record<string, string>> = {
  slowQueries: "ORDER BY total_ms DESC LIMIT 50",
  upkeepTasks: "WHERE planned_at > now() - interval '14 days' ORDER BY planned_at DESC, id DESC LIMIT 200",
};

/** A statement that reads a table, as pg_stat_statements knows it. */
export interface KnownStatement {
  query: string;
  calls: number;
  totalMs: number;
}

/** What a member answered. */
export interface Reading {
  name: string;
  views: MemberViews;
}

/** One server, asked as `acgs_monitor`. */
export class Member {
  private readonly client: pg.Client;

  private constructor(client: pg.Client) {
    this.client = client;
  }

  /** @param url  of a `postgresql://` connection; its password appears in no error */
  static async connect(url: string): Promise<Member> {
    const options = { applicationName: "acgs report", connectWithinMs: 5_000, types: { getTypeParser } };
    return new Member(await openSession({ at: url }, options));
  }

  async close(): Promise<void> {
    await closeSession(this.client);
  }

  /** The rows that every server answers for itself. */
  memberViews(): Promise<MemberViews> {
    return this.views(MEMBER_VIEWS);
  }

  /** The rows that only the primary can answer, or that are the same everywhere. */
  primaryViews(): Promise<PrimaryViews> {
    return this.views(PRIMARY_VIEWS);
  }

  /** The costliest statements that name a table, up to five. */
  async statementsOf(table: string): Promise<KnownStatement[]> {
    const result = await this.client.query<KnownStatement>(
      `SELECT statements.query, statements.calls, statements.total_exec_time AS "totalMs"
       FROM public.pg_stat_statements AS statements
       INNER JOIN pg_catalog.pg_database AS here
         ON statements.dbid = here.oid AND here.datname = current_database()
       WHERE statements.query ~* ('\\m' || $1 || '\\M') AND statements.query ~* '\\m(select|update|delete)\\M'
       ORDER BY statements.total_exec_time DESC LIMIT 5`,
      [table],
    );
    return result.rows;
  }

  async columnsOf(schema: string, table: string): Promise<{ name: string; type: string }[]> {
    const result = await this.client.query<{ name: string; type: string }>(
      `SELECT attname::text AS name, atttypid::regtype::text AS type FROM pg_catalog.pg_attribute
       WHERE attrelid = format('%I.%I', $1::text, $2::text)::regclass AND attnum > 0 AND NOT attisdropped`,
      [schema, table],
    );
    return result.rows;
  }

  private async views<Views extends Record<string, z.ZodObject>>(
    views: Views,
  ): Promise<{ [View in keyof Views]: z.infer<Views[View]>[] }> {
    const read: Record<string, unknown[]> = {};
    for (const [view, schema] of Object.entries(views)) {
      const names = Object.keys(schema.shape);
      const columns = names.map((name) => `${snakeCase(name)} AS "${name}"`).join(", ");
      const result = await this.client.query(
        `SELECT ${columns} FROM platform.${snakeCase(view)} ${LIMITS[view] ?? ""}`,
      );
      read[view] = schema.array().parse(result.rows);
    }
    return read as { [View in keyof Views]: z.infer<Views[View]>[] };
  }
}

/** `growthBytes7d` as the views write it: `growth_bytes_7d`. */
export function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]|\d+/g, (part) => `_${part.toLowerCase()}`);
}

const { INT8, NUMERIC, TIMESTAMPTZ, DATE } = pg.types.builtins;

/** Values as JSON has them: numbers as numbers where they fit, times in UTC. */
const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  [INT8]: (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : text),
  [NUMERIC]: Number,
  [TIMESTAMPTZ]: inUtc,
  [DATE]: (text) => text,
};

/** A time as the server writes it, in whatever zone; null where it is infinite. */
export function inUtc(text: string): string | null {
  const parse = pg.types.getTypeParser(TIMESTAMPTZ) as (text: string) => unknown;
  const time = parse(text);
  return time instanceof Date ? time.toISOString() : null;
}

function getTypeParser(oid: number, format?: "text" | "binary"): (text: string) => unknown {
  return PARSERS[oid] ?? (pg.types.getTypeParser(oid, format) as (text: string) => unknown);
}
