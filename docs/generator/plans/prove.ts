import type pg from "pg";
import { shortenPlan, type Partitions, type PlanNode, type ShortPlan } from "./plan.ts";
import type { SeedQuery } from "./seedQuery.ts";

/** A query whose plan reads the indexes that the list expects. */
export interface ProvenQuery {
  query: SeedQuery;
  plan: ShortPlan;
}

/** A seed query that is not served as the list says. */
export class PlanFault extends Error {
  override readonly name = "PlanFault";
}

/**
 * Asks the server how it would run a query, and holds the plan against the indexes that the list expects.
 *
 * @param client  session of the service's login, whose search path finds the query's tables
 * @throws PlanFault where the plan reads other indexes, or a table as a whole where an index is expected
 */
export async function proveQuery(client: pg.Client, query: SeedQuery): Promise<ProvenQuery> {
  const plan = shortenPlan(await explain(client, query), await readPartitions(client, query.schema));
  const fault = planFault(query, plan);
  if (fault !== undefined) throw new PlanFault(fault);
  return { query, plan };
}

/** What is wrong with a plan, in words; undefined when it is as expected. */
export function planFault(query: SeedQuery, plan: ShortPlan): string | undefined {
  const expected = [...query.indexes].sort();
  const faults: string[] = [];
  if (expected.join() !== plan.indexes.join())
    faults.push(
      `is to be served by ${list(expected) || "no index"}, but the plan reads ${list(plan.indexes) || "no index"}`,
    );
  const whole = plan.readWhole.filter((table) => !(query.readsWhole ?? []).includes(table));
  if (whole.length > 0) faults.push(`is not to read all of ${list(whole)}`);
  if (faults.length === 0) return undefined;
  const where = `${query.schema}: the query ${JSON.stringify(query.title)}`;
  return [`${where} ${faults.join(", and ")}.`, "", query.sql, "", ...plan.lines].join("\n");
}

function list(names: readonly string[]): string {
  return names.join(" and ");
}

async function explain(client: pg.Client, query: SeedQuery): Promise<PlanNode> {
  const values = await Promise.all(
    (query.values ?? []).map(async (value) => {
      const { rows } = await client.query<[string]>({ text: `SELECT (${value})::text`, rowMode: "array" });
      if (rows[0]?.[0] == null)
        throw new PlanFault(`${query.title}: ${value} finds no value for the query's parameter`);
      return rows[0][0];
    }),
  );
  const { rows } = await client.query<[[{ Plan: PlanNode }]]>({
    text: `EXPLAIN (FORMAT json, COSTS off) ${query.sql}`,
    values,
    rowMode: "array",
  });
  const plan = rows[0]?.[0]?.[0]?.Plan;
  if (!plan) throw new PlanFault(`${query.title}: the server gave no plan`);
  return withParameters(plan, values);
}

/** The values of the examples say nothing: `$1` in their place. */
function withParameters(node: PlanNode, values: readonly string[]): PlanNode {
  const shown = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shown);
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shown(one)]));
    if (typeof value !== "string") return value;
    return values.reduce((text, literal, i) => {
      const [before = "", ...pieces] = text.split(`'${literal}'::`);
      return [before, ...pieces.map((piece) => piece.replace(/^[a-z]+/, ""))].join(`$${i + 1}`);
    }, value);
  };
  return shown(node) as PlanNode;
}

async function readPartitions(client: pg.Client, schema: string): Promise<Partitions> {
  const { rows } = await client.query<{ name: string; root: string; leaf: boolean }>(
    `SELECT c.relname AS name, top.relname AS root, c.relkind = 'r' AS leaf
     FROM pg_class AS c JOIN pg_class AS top ON top.oid = pg_partition_root(c.oid)
     WHERE c.relnamespace = $1::regnamespace AND c.relispartition`,
    [schema],
  );
  const counts = new Map<string, number>();
  for (const { root, leaf } of rows) if (leaf) counts.set(root, (counts.get(root) ?? 0) + 1);
  return { roots: new Map(rows.map(({ name, root }) => [name, root])), counts };
}
