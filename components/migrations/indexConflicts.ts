import { nodesOf } from "../../lib/sqlParser.ts";
import type { Statement } from "../../lib/sqlParser.ts";
import { indexKey, isRepeatedBuild } from "./missingIndexes.ts";
import type { SqlFile } from "./sqlFile.ts";
import { sqlName, tableName } from "./statementLocks.ts";

/** Why a repeatable file would build an index a second time that another statement gives another name. */
export function indexConflicts(
  files: readonly SqlFile[],
  placeOf: (file: SqlFile, at: Statement) => string,
): string[] {
  const renamed = new Map(
    files.flatMap((file) => file.statements.flatMap((statement) => renamedBy(file, statement))),
  );
  return files.flatMap((file) =>
    file.statements.flatMap((statement) => {
      const why = isRepeatedBuild(file, statement) && renamed.get(indexKey(statement)!);
      return why ? [`${placeOf(file, statement)}: ${why}`] : [];
    }),
  );
}

function renamedBy(file: SqlFile, { tree }: Statement): [string, string][] {
  const constraints = nodesOf(tree, "AlterTableStmt").flatMap(({ relation, cmds }) =>
    nodesOf(cmds, "Constraint").flatMap(({ indexname }): [string, string][] =>
      indexname === undefined ? [] : [[sqlName(relation?.schemaname, indexname), ofConstraint(file)]],
    ),
  );
  // A versioned file renames what was built until then; afterwards, the repeatable one says what is to be there.
  const renames =
    file.version !== undefined
      ? []
      : nodesOf(tree, "RenameStmt").map(({ relation, newname }): [string, string] => [
          relation ? tableName(relation) : "",
          `${file.name} renames this index to ${newname}: write that name here`,
        ]);
  return [...constraints, ...renames];
}

function ofConstraint({ name, version }: SqlFile): string {
  const first = "build it in a versioned file before that";
  return (
    `${name} makes a constraint of this index, which takes the constraint's name, so that this file would build it ` +
    "a second time: " +
    (version === undefined
      ? `${first}, and write that as a versioned file too`
      : `${first}; where ${name} was applied already, take it out here`)
  );
}
