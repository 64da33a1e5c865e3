import { describe, expect, it } from "vitest";
import { contenders, differing, OURS } from "../../../bench/contenders.ts";
import { parameter } from "../../../components/postgres/catalogue.ts";

describe("the contenders", () => {
  it("are sizing's own set and every peer, and a guest differs from its host in what a reload changes", async () => {
    const all = await contenders(3_072, ["gs 60/40"]);
    expect(all.map(({ name }) => name)).toEqual([
      OURS,
      "default",
      "pgtune oltp",
      "pgtune mixed",
      "timescaledb-tune",
      "Pigsty oltp",
    ]);
    const guests = all.filter(({ guestOf }) => guestOf !== undefined);
    expect(guests.map(({ name }) => name)).toEqual(["pgtune mixed"]);
    for (const guest of guests) {
      const host = all.find(({ name }) => name === guest.guestOf)!;
      const names = differing([host.parameters, guest.parameters]);
      expect(names).not.toEqual([]);
      for (const name of names) expect(parameter(name)!.cost).toBe("reload");
    }
  });
});

describe("what two sets do not share", () => {
  it("is what only one of them names, or both with other values", () => {
    const one = { work_mem: "4MB", max_wal_size: "1GB", jit: "off" };
    const other = { work_mem: "8MB", max_wal_size: "1GB" };
    expect(differing([one, other])).toEqual(["jit", "work_mem"]);
    expect(differing([one])).toEqual([]);
  });
});
