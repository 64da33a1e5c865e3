const NAME = "[a-z][a-z0-9_]*";
const RELATION = new RegExp(
  `^    (${NAME}) (?:\\|\\||\\|o)--(?:o\\||o\\{) (${NAME}) : "(${NAME}(?:, ${NAME})*)"$`,
);
const OPENING = new RegExp(`^    (${NAME}) \\{$`);
const ATTRIBUTE = new RegExp(
  `^        [a-z][a-z0-9_]*(?:\\[\\])? (${NAME}) (?:PK|FK|UK)(?:, (?:PK|FK|UK))*$`,
);

export interface Diagram {
  entities: Map<string, string[]>;
  relations: { parent: string; child: string; columns: string[] }[];
}

/**
 * Reads an entity-relationship diagram of Mermaid, in the part of its grammar that the pages use. Stricter than Mermaid
 * itself: a name in a relation must be an entity with attributes.
 * @throws on the first line that is none
 */
export function parseDiagram(source: string): Diagram {
  const [head, ...lines] = source.trimEnd().split("\n");
  if (head !== "erDiagram") throw new Error(`not a diagram: ${head}`);
  const diagram: Diagram = { entities: new Map(), relations: [] };
  let open: string[] | undefined;
  for (const line of lines) {
    const [relation, opening, attribute] = [RELATION, OPENING, ATTRIBUTE].map((rule) => rule.exec(line));
    if (open && attribute) open.push(attribute[1] ?? "");
    else if (open && line === "    }") open = undefined;
    else if (!open && opening) diagram.entities.set(opening[1] ?? "", (open = []));
    else if (!open && relation) {
      const [, parent = "", child = "", columns = ""] = relation;
      diagram.relations.push({ parent, child, columns: columns.split(", ") });
    } else throw new Error(`not a line of a diagram: ${JSON.stringify(line)}`);
  }
  if (open) throw new Error("an entity has no end");
  for (const { parent, child } of diagram.relations)
    for (const name of [parent, child])
      if (!diagram.entities.has(name)) throw new Error(`${name} is no entity`);
  return diagram;
}
