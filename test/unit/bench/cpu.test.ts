import { describe, expect, it } from "vitest";
import { parseUsage } from "../../../bench/cpu.ts";

describe("the processor time of a container", () => {
  it("is read from either version of cgroups, in µs", () => {
    expect(parseUsage("usage_usec 4211\nuser_usec 4000\nsystem_usec 211\n")).toBe(4211);
    expect(parseUsage("3337540000\n")).toBe(3_337_540);
  });

  it("is never guessed", () => {
    expect(() => parseUsage("")).toThrow("does not say how much processor time");
  });
});
