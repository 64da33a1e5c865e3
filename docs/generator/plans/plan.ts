/** A node of `EXPLAIN (FORMAT json, COSTS off)`. */
export interface PlanNode {
  "Node Type": string;
  Plans?: PlanNode[];
  "Relation Name"?: string;
  Alias?: string;
  "Index Name"?: string;
  "Subplans Removed"?: number;
  "Subplan Name"?: string;
  [property: string]: unknown;
}

/** The partitioned tables of a schema. */
export interface Partitions {
  /** What a partition or its index belongs to: the topmost table or index, by the name of any below it. */
  roots: ReadonlyMap<string, string>;
  /** Partitions that hold rows, by table. */
  counts: ReadonlyMap<string, number>;
}

/** A plan as the page shows it: the same for the same query, schema and rows, whatever the month. */
export interface ShortPlan {
  lines: string[];
  /** Top-level indexes that it reads, once each, by name. */
  indexes: string[];
  /** Tables that are read from one end to the other. */
  readWhole: string[];
  /** Of each partitioned table, how many partitions are left in the plan. */
  partitions: { table: string; planned: number; of: number }[];
}

/** What a node says about itself, in the order in which it is shown. */
const DETAILS = ["Index Cond", "Hash Cond", "Merge Cond", "Filter", "Sort Key", "Group Key"];
/** Nodes whose inputs are the partitions of one table. */
const APPENDS = new Set(["Append", "Merge Append"]);

/**
 * Shortens a plan: partitions and their indexes go by the name of the table and the index at the top, partitions that
 * are read alike are shown once, costs and row counts are left out.
 */
export function shortenPlan(plan: PlanNode, { roots, counts }: Partitions): ShortPlan {
  const nodes = allNodes(plan);
  const named = (name: unknown) => roots.get(String(name)) ?? String(name);
  const whole = nodes
    .filter((node) => node["Node Type"] === "Seq Scan")
    .map((n) => named(n["Relation Name"]));
  const indexes = nodes.filter((node) => "Index Name" in node).map((n) => named(n["Index Name"]));
  const tables = nodes.flatMap((node) => node["Relation Name"] ?? []);
  return {
    lines: render(plan, roots),
    indexes: unique(indexes),
    readWhole: unique(whole),
    partitions: unique(tables.map(named)).flatMap((table) => {
      const of = counts.get(table);
      return of === undefined
        ? []
        : [{ table, planned: new Set(tables.filter((t) => named(t) === table)).size, of }];
    }),
  };
}

function allNodes(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(allNodes)];
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

function render(node: PlanNode, roots: Partitions["roots"]): string[] {
  const details = DETAILS.filter((name) => name in node).map((name) => `  ${name}: ${detail(node[name])}`);
  const inputs = (node.Plans ?? []).map((input) => ({
    name: input["Subplan Name"],
    lines: render(input, roots),
  }));
  // The same text once, with how often it occurs, where it occurs first.
  const alike = new Map<string, { lines: string[]; name?: string; count: number }>();
  for (const { name, lines } of inputs) {
    const key = JSON.stringify([name, lines]);
    const known = alike.get(key) ?? { lines, name, count: 0 };
    alike.set(key, { ...known, count: known.count + 1 });
  }
  const below = [...alike.values()].flatMap(({ lines: [first = "", ...rest], name, count }) => [
    ...(name === undefined ? [] : [`  ${name}`]),
    `  -> ${first}${count > 1 && APPENDS.has(node["Node Type"]) ? `, in each of ${count} partitions` : ""}`,
    ...rest.map((line) => `     ${line}`),
  ]);
  return [`${title(node, roots)}`, ...details, ...below];
}

function title(node: PlanNode, roots: Partitions["roots"]): string {
  const named = (name: unknown) => roots.get(String(name)) ?? String(name);
  const index = "Index Name" in node ? ` using ${named(node["Index Name"])}` : "";
  const relation = "Relation Name" in node ? ` on ${named(node["Relation Name"])}${alias(node, named)}` : "";
  const removed = node["Subplans Removed"];
  const pruned = removed ? ` (Subplans Removed: ${removed})` : "";
  return `${kind(node)}${index}${relation}${pruned}`;
}

/** The name under which the conditions know a table, where it is another than its own. */
function alias(node: PlanNode, named: (name: unknown) => string): string {
  const name = String(node.Alias ?? node["Relation Name"]);
  const table = named(node["Relation Name"]);
  return name === table || name.replace(/_\d+$/, "") === table ? "" : ` ${name}`;
}

/** The name of the node as the text format has it. */
function kind(node: PlanNode): string {
  const type = node["Node Type"];
  if (type === "Aggregate") {
    const strategies: Record<string, string> = { Sorted: "GroupAggregate", Hashed: "HashAggregate" };
    return strategies[String(node["Strategy"])] ?? type;
  }
  const backward = node["Scan Direction"] === "Backward" ? " Backward" : "";
  const outer = ["Nested Loop", "Hash Join", "Merge Join"].includes(type) && node["Join Type"] !== "Inner";
  return outer ? `${type} ${String(node["Join Type"])}` : `${type}${backward}`;
}

/** Without the numbers that tell partitions apart, `policy_decisions_3.created_at`; a view's `now()` is any other's. */
function detail(value: unknown): string {
  const text = Array.isArray(value) ? value.join(", ") : String(value);
  return text.replaceAll(/\b([a-z][a-z0-9_]*?)_\d+\./g, "$1.").replaceAll("pg_catalog.now()", "now()");
}
