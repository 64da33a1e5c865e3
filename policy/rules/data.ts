import { foundationOf, isProduction } from "../production.ts";
import { TYPE } from "../../lib/pulumi/types.ts";
import type { StackRule } from "../rule.ts";
import { mapping, text } from "../values.ts";

/** Volumes that the next update fills again, by the end of their names: what is not known here is data. */
const REGENERATED: readonly RegExp[] = [
  /^(haproxy|pgbouncer)-\d+-data$/, // the routes and pools that a reload has brought
  /-files$/, // configuration, certificates
];

/** What the engine must refuse to delete or replace in production, unless the operator has named it. */
export const DATA_RULES: readonly StackRule[] = [
  {
    name: "protected-data",
    description: "In production, the engine refuses to delete or replace a data volume or the database.",
    remedy:
      "set acgs-db:dataVolumes.protect to true. Data that is to go is named in acgs-db:allowDataLoss; " +
      "a stack that is not production says so in acgs-db:environment",
    stackFaults: (stack) => {
      if (!isProduction(stack)) return [];
      const marks = mapping(foundationOf(stack)?.args["data"]);
      return stack
        .filter(({ type, name }) => type === TYPE.database || (type === TYPE.volume && isData(name)))
        .filter(({ name, isProtected }) => !isProtected && !isNamed(marks[name]))
        .map((resource) => ({ resource, fault: "holds data and is not protected" }));
    },
  },
];

function isData(volume: string): boolean {
  return !REGENERATED.some((pattern) => pattern.test(volume));
}

/** What the guard notes of data that the operator gives up. */
function isNamed(mark: unknown): boolean {
  return text(mark) === "named in allowDataLoss";
}
