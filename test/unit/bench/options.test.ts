import { describe, expect, it } from "vitest";
import { parseOptions, PARTS } from "../../../bench/options.ts";

describe("the options of the benchmark", () => {
  it("measure everything with five pairs unless told otherwise", () => {
    expect(parseOptions([])).toMatchObject({ parts: PARTS, quick: false, pairs: 5 });
  });

  it("keep the parts' own order, and take each once", () => {
    expect(parseOptions(["tuned", "up", "tuned"]).parts).toEqual(["up", "tuned"]);
  });

  it("let single numbers win over those of --quick", () => {
    const quick = parseOptions(["--quick", "--pairs", "7"]);
    expect(quick).toMatchObject({ quick: true, pairs: 7, seconds: 2 });
    expect(parseOptions(["--up-pairs", "3", "--seconds=9"])).toMatchObject({ upPairs: 3, seconds: 9 });
  });

  it.each([
    [["uup"], `No part of the benchmark is called uup; the parts are ${PARTS.join(", ")}.`],
    [["--pairs", "0"], '--pairs takes a whole number from 1 to 1000, not "0".'],
    [["--seconds", "fast"], '--seconds takes a whole number from 1 to 1000, not "fast".'],
    [["--slow"], /--slow.*Options are --quick, --page, --pairs, --up-pairs, --rows and --seconds\./],
  ])("refuse %j", (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
