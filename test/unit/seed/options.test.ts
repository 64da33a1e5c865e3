import { describe, expect, test } from "vitest";
import { settle } from "../../../operations/seed/seedRecord.ts";
import { seedData, wantsProtection } from "../../../cli/seedData.ts";

describe("the arguments", () => {
  test("are read", () => {
    expect(seedData.parse(["--rows", "1_000_000"])).toEqual({
      stack: "dev",
      rows: 1_000_000,
    });
    expect(
      seedData.parse(
        "--rows 1e6 --stack org/acgs-db/prod --seed 7 --months 3 --until 2026-11-01T00:00:00Z --tables auth.users,pgc.policy_decisions --into-protected".split(
          " ",
        ),
      ),
    ).toEqual({
      stack: "org/acgs-db/prod",
      rows: 1_000_000,
      seed: 7,
      months: 3,
      until: new Date("2026-11-01T00:00:00Z"),
      tables: ["auth.users", "pgc.policy_decisions"],
      intoProtected: true,
    });
    expect(seedData.parse(["prod", "--rows", "5000"]).stack).toBe("prod");
  });

  test.each([
    [[], "--rows is missing.\nWrite: ./acgs seed-data [stack] --rows <number>"],
    [["--rows", "many"], '--rows wants a whole number from 0 on, not "many".'],
    [["--rows", "5000", "--months", "0"], '--months wants a whole number from 1 on, not "0".'],
    [["--rows", "5000", "--until", "soon"], '--until wants a time such as 2026-11-30T12:00:00Z, not "soon".'],
    [["--rows", "5000", "--sead", "1"], "seed-data does not take --sead."],
    [["prod", "--rows", "5000", "--stack", "dev"], "One stack at a time"],
  ])("are refused: %j", (args, message) => {
    expect(() => seedData.parse(args)).toThrow(message);
  });
});

test.each([
  ["{}", true],
  ['{"acgs-db:dataVolumes": {"value": "{}", "objectValue": {}}}', true],
  ['{"acgs-db:dataVolumes": {"value": "{\\"protect\\":true}", "objectValue": {"protect": true}}}', true],
  ['{"acgs-db:dataVolumes": {"value": "{\\"protect\\":false}", "objectValue": {"protect": false}}}', false],
  ['{"acgs-db:dataVolumes": {"value": "{\\"protect\\":false}"}}', false],
])("protection is read from the configuration %s", (configured, expected) => {
  expect(wantsProtection(configured)).toBe(expected);
});

describe("a run", () => {
  const until = Date.UTC(2026, 10, 1);
  const defaults = { months: 2, until: Date.UTC(2026, 10, 21) };
  const record = { rows: 9000, months: 3, until, filled: [], unfinished: [] };

  test("does what is asked for", () => {
    expect(settle(4, { rows: 5000, months: 1 }, undefined, defaults)).toEqual({
      ...defaults,
      rows: 5000,
      months: 1,
      seed: 4,
    });
  });

  test("goes on with what an earlier one of its seed was asked for", () => {
    expect(settle(4, { rows: 9000 }, record, defaults)).toEqual({ rows: 9000, months: 3, until, seed: 4 });
  });

  test("does not mix with an earlier one of its seed", () => {
    expect(() => settle(4, { rows: 5000, months: 3, until: 5 }, record, defaults)).toThrow(
      "Seed 4 was used here for 9000 rows over 3 months until 2026-11-01T00:00:00.000Z, and these have the same keys. " +
        "Take another --seed to add further rows, or leave out --until and take --rows 9000 to finish that run.",
    );
  });
});
