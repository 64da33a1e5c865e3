import { expect, it } from "vitest";
import { updateSummary } from "../../../operations/updateSummary.ts";

const writer = { host: "127.0.0.1", port: 6432, database: "acgs_db" };
const reader = { host: "::1", port: 6432, database: "acgs_db_ro" };

it("names where clients connect, and nothing that waits when nothing does", () => {
  expect(updateSummary({ writer, reader, postgres: { pendingRestart: [] } }, "dev")).toEqual([
    "✓ Clients write at 127.0.0.1:6432/acgs_db and read at [::1]:6432/acgs_db_ro. All addresses: ./acgs outputs dev",
    "  A login: ./acgs connect dgm dev. The settings of a service: ./acgs env dgm dev",
  ]);
});

it("names each parameter that waits for a restart once, and the command", () => {
  const pendingRestart = ["postgres-1", "postgres-2"].map((member) => ({
    member,
    parameter: "max_connections",
    current: "200",
    wanted: "300",
  }));
  expect(updateSummary({ writer, reader, postgres: { pendingRestart } }, "prod").at(-1)).toBe(
    "! A restart is needed before max_connections changes: ./acgs restart prod",
  );
});
