import type { ForeignKey, Relation, Schema } from "../catalogue/model.ts";
import { shortType } from "./sqlText.ts";

/**
 * The tables of a schema and their foreign keys as a Mermaid diagram. Tables show the columns of their keys alone: all
 * columns stand below the diagram.
 */
export function renderDiagram(schema: Schema): string[] {
  const tables = schema.relations.filter(({ kind }) => kind === "table");
  return [
    "erDiagram",
    ...tables.flatMap((child) =>
      child.foreignKeys.map((key) => {
        const parent = key.references.replace(`${schema.name}.`, "");
        return `    ${parent} ${cardinality(child, key)} ${child.name} : "${key.columns.join(", ")}"`;
      }),
    ),
    ...tables.flatMap(entity),
  ];
}

/** `||--o{`: how many rows of the parent, and of the child, there are for one of the other. */
function cardinality(child: Relation, key: ForeignKey): string {
  const optional = key.columns.some((name) => !child.columns.find((column) => column.name === name)?.notNull);
  const single = child.constraints.some(
    ({ kind, columns }) =>
      (kind === "primary key" || kind === "unique") &&
      columns.every((column) => key.columns.includes(column)),
  );
  return `${optional ? "|o" : "||"}--${single ? "o|" : "o{"}`;
}

function entity(relation: Relation): string[] {
  const columnsOf = (kind: string) =>
    new Set(relation.constraints.filter((one) => one.kind === kind).flatMap(({ columns }) => columns));
  const primary = columnsOf("primary key");
  const unique = columnsOf("unique");
  const foreign = new Set(relation.foreignKeys.flatMap(({ columns }) => columns));
  const lines = relation.columns.flatMap(({ name, type }) => {
    const marks = [
      ...(primary.has(name) ? ["PK"] : []),
      ...(foreign.has(name) ? ["FK"] : []),
      ...(unique.has(name) ? ["UK"] : []),
    ];
    // A type in Mermaid is one word.
    const word = shortType(type)
      .replace(/\(.*?\)/, "")
      .replaceAll(" ", "_");
    return marks.length > 0 ? [`        ${word} ${name} ${marks.join(", ")}`] : [];
  });
  return [`    ${relation.name} {`, ...lines, "    }"];
}
