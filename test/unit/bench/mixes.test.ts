import { describe, expect, it } from "vitest";
import { mixes } from "../../../bench/mixes/index.ts";

describe("the mixes", () => {
  it("have ten million rows in all, give or take a twentieth", () => {
    const fills = mixes(10_000_000).flatMap((mix) => mix.fills);
    const rows = fills.reduce((sum, fill) => sum + fill.rows, 0);
    expect(Math.abs(rows - 10_000_000)).toBeLessThan(500_000);
  });

  it.each(mixes(10_000).map((mix) => [mix.name, mix] as const))(
    "%s reads and writes in the shares of its name",
    (name, mix) => {
      const share = (writes: boolean) =>
        mix.scripts
          .filter(({ text }) => /^(INSERT|UPDATE|DELETE)/m.test(text) === writes)
          .reduce((sum, { weight }) => sum + weight!, 0);
      expect(`${share(false)}/${share(true)}`).toBe(name.split(" ")[1]);
    },
  );

  it("name each script once: pgbench reads them from one folder", () => {
    const names = mixes(10_000).flatMap(({ scripts }) => scripts.map(({ name }) => name));
    expect(new Set(names).size).toBe(names.length);
  });
});
