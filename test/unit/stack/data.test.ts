import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../components/stack/configuration.ts";
import { dataOf, isAnyProtected, isProtected } from "../../../components/stack/data.ts";
import { faultsOf } from "./support.ts";

const SMALL = { postgres: { members: 1 }, redis: { replicasPerMaster: 0 } };
const parsed = (raw: Record<string, unknown>) => parseConfiguration({ ...SMALL, ...raw }, "dev");
const NAMES = [
  ...["etcd-1-data", "postgres-1-data", "redis-1-data", "redis-2-data", "redis-3-data", "database"],
];

describe("the data of a stack", () => {
  it("is its volumes and its database, protected unless the configuration says otherwise", () => {
    expect(dataOf(parsed({}))).toEqual(Object.fromEntries(NAMES.map((name) => [name, "protected"])));
    const switchedOff = parsed({ dataVolumes: { protect: false }, allowDataLoss: ["database"] });
    expect(new Set(Object.values(dataOf(switchedOff)))).toEqual(new Set(["unprotected"]));
    expect(isAnyProtected(switchedOff)).toBe(false);
  });

  it("may go where it is named, one by one", () => {
    const configuration = parsed({ allowDataLoss: ["redis-2-data"] });
    expect(NAMES.filter((name) => !isProtected(name, configuration))).toEqual(["redis-2-data"]);
    expect(isAnyProtected(configuration)).toBe(true);
    expect(isAnyProtected(parsed({ allowDataLoss: NAMES }))).toBe(false);
  });
});

describe("acgs-db:allowDataLoss", () => {
  it("names volumes and the database, those of members that have left too", () => {
    expect(parsed({ allowDataLoss: ["postgres-7-data"] }).allowDataLoss).toEqual(["postgres-7-data"]);
  });

  it.each(["*", "postgres-0-data", "postgres-1", "haproxy-1-data", "acgs_db"])("refuses %s", (name) => {
    expect(faultsOf({ allowDataLoss: [name] }).map(({ key }) => key)).toEqual(["acgs-db:allowDataLoss[0]"]);
  });
});
