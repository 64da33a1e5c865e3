import { describe, expect, it } from "vitest";
import { parseMachineTime, parseUsage } from "../../../bench/cpu.ts";

describe("the processor time of a container", () => {
  it("is read from either version of cgroups, in µs", () => {
    expect(parseUsage("usage_usec 4211\nuser_usec 4000\nsystem_usec 211\n")).toBe(4211);
    expect(parseUsage("3337540000\n")).toBe(3_337_540);
  });

  it("is never guessed", () => {
    expect(() => parseUsage("")).toThrow("does not say how much processor time");
  });
});

describe("the processor time of the machine", () => {
  it("is read from all cores' line, in µs, without what the host has taken away", () => {
    const text = "cpu  100 1 20 300 40 5 6 700 0 0\ncpu0 50 0 10 150 20 2 3 350 0 0\n";
    expect(parseMachineTime(text)).toEqual({ busy: 1_320_000, all: 4_720_000 });
  });
});
