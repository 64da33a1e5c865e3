import { describe, expect, it } from "vitest";
import { FAULT_NAMES } from "../../../operations/drill/names.ts";
import { type DrillArguments, drill, whyNot } from "../../../cli/drill.ts";

const PLAIN: DrillArguments = { stack: "dev", faults: [], rounds: 1, preview: true };

describe("acgs drill", () => {
  it.each<[string[], Partial<DrillArguments>]>([
    [["none"], { faults: ["none"] }],
    [["prod", "leader-killed", "none"], { stack: "prod", faults: ["leader-killed", "none"] }],
    [["leader-killed", "prod"], { stack: "prod", faults: ["leader-killed"] }],
    [["all", "none"], { faults: [...FAULT_NAMES] }],
    [["none", "none", "--rounds", "10"], { faults: ["none"], rounds: 10 }],
    [
      ["none", "--rounds=3", "--yes", "--no-preview"],
      { faults: ["none"], rounds: 3, yes: true, preview: false },
    ],
    [["none", "--json"], { faults: ["none"], json: "-" }],
    [["--json", "out.json", "none"], { faults: ["none"], json: "out.json" }],
    [["--json=/tmp/x", "--stack", "prod", "none"], { faults: ["none"], json: "/tmp/x", stack: "prod" }],
  ])("%j", (args, expected) => {
    expect(drill.parse(args)).toEqual({ ...PLAIN, ...expected });
  });

  it.each([
    [[], "Which fault?"],
    [["leader-kiled"], "There is no fault called leader-kiled."],
    [["prod", "leader-kiled", "none"], "There is no fault called leader-kiled."],
    [["none", "--rounds", "0"], '--rounds wants a whole number from 1 to 100, not "0".'],
    [["none", "--rounds"], "--rounds needs a value: --rounds <number>."],
    [["none", "--force"], "drill does not take --force."],
  ])("refuses %j", (args, message) => {
    expect(() => drill.parse(args)).toThrow(message);
  });
});

describe("whyNot", () => {
  const own = [{ name: "local", docker: "unix:///var/run/docker.sock" }];
  const away = [{ name: "db1", docker: "ssh://ops@db1" }];

  it("lets the dev stack of this machine be drilled without a question", () => {
    expect(whyNot({ stack: "dev", yes: false }, own)).toBeUndefined();
  });

  it("refuses any other stack and any other machine, and says how to mean it", () => {
    expect(whyNot({ stack: "prod", yes: false }, own)).toMatch(/stack prod is not the dev stack.*--yes/s);
    expect(whyNot({ stack: "dev", yes: false }, [...own, ...away])).toMatch(/host db1 .*ssh:.*--yes/s);
    expect(whyNot({ stack: "prod", yes: true }, away)).toBeUndefined();
  });
});
