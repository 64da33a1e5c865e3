import { expect, test } from "vitest";
import type { Column, Constraint, ForeignKey, Relation } from "../../../docs/generator/catalogue/model.ts";
import { renderDiagram } from "../../../docs/generator/render/diagram.ts";
import { parseDiagram } from "./mermaid.ts";

const column = (name: string, type = "uuid", notNull = true): Column => ({
  name,
  type,
  notNull,
  generated: false,
  identity: false,
});
const primary: Constraint = { name: "p", kind: "primary key", columns: ["id"], definition: "" };
const key = (columns: string[]): ForeignKey => ({
  name: "f",
  columns,
  references: "s.parent",
  referencedColumns: ["id"],
  onDelete: "no action",
});
const relation = (name: string, parts: Partial<Relation>): Relation => ({
  name,
  kind: "table",
  columns: [column("id")],
  constraints: [primary],
  foreignKeys: [],
  indexes: [],
  rowLevelSecurity: false,
  ...parts,
});
const diagramOf = (...relations: Relation[]) => renderDiagram({ name: "s", relations });

const child = (notNull: boolean, unique: boolean) =>
  relation("child", {
    columns: [column("id"), column("parent_id", "uuid", notNull)],
    constraints: [
      primary,
      ...(unique
        ? [{ name: "u", kind: "unique" as const, columns: ["parent_id"], definition: "UNIQUE (parent_id)" }]
        : []),
    ],
    foreignKeys: [key(["parent_id"])],
  });

test.each([
  [true, false, "||--o{"],
  [false, false, "|o--o{"],
  [true, true, "||--o|"],
  [false, true, "|o--o|"],
])("a foreign key that is not null: %s, unique: %s is drawn %s", (notNull, unique, drawn) => {
  expect(diagramOf(relation("parent", {}), child(notNull, unique))[1]).toBe(
    `    parent ${drawn} child : "parent_id"`,
  );
});

test("tables are drawn with the columns of their keys and those alone, views not at all", () => {
  const diagram = diagramOf(
    relation("parent", { columns: [column("id"), column("note", "text")] }),
    relation("child", {
      columns: [
        column("id", "bigint"),
        column("at", "timestamp with time zone"),
        column("score", "numeric(3,2)"),
        column("ids", "uuid[]"),
      ],
      constraints: [{ ...primary, columns: ["id", "at", "score", "ids"] }],
      foreignKeys: [key(["id", "at"])],
    }),
    relation("seen", { kind: "view" }),
  ).join("\n");
  expect(parseDiagram(diagram)).toEqual({
    entities: new Map([
      ["parent", ["id"]],
      ["child", ["id", "at", "score", "ids"]],
    ]),
    relations: [{ parent: "parent", child: "child", columns: ["id", "at"] }],
  });
  expect(diagram).toContain(
    "        timestamptz at PK, FK\n        numeric score PK\n        uuid[] ids PK\n",
  );
});

test.each([
  'erDiagram\n    a ||--o b : "x"',
  'erDiagram\n    a ||--o{ b : "x"',
  "erDiagram\n    a {\n        uuid id PK",
  "erDiagram\n    a {\n        numeric(3, 2) id PK\n    }",
])("the reading here refuses %j", (broken) => {
  expect(() => parseDiagram(broken)).toThrow();
});
