import { describe, expect, test } from "vitest";
import { isCovered, suggestIndex } from "../../../operations/report/suggestIndex.ts";

const columns = ["id", "user_id", "user", "action", "created_at", "status", "tags"].map((name) => ({
  name,
  type: "text",
}));
const table = { schema: "pgc", name: "logs", columns };
const suggest = (statement: string): string | undefined =>
  suggestIndex(table, statement)?.replace("CREATE INDEX CONCURRENTLY IF NOT EXISTS ", "");

describe("suggestIndex", () => {
  test.each([
    ["SELECT * FROM pgc.logs WHERE user_id = $1", "idx_logs_user_id ON pgc.logs (user_id);"],
    [
      "SELECT * FROM logs l WHERE l.created_at > $1 AND l.user_id = $2 AND l.status IN ($3, $4)",
      "idx_logs_user_id_status_created_at ON pgc.logs (user_id, status, created_at);",
    ],
    [
      "SELECT * FROM logs WHERE user_id = $1 ORDER BY created_at DESC LIMIT $2",
      "idx_logs_user_id_created_at ON pgc.logs (user_id, created_at DESC);",
    ],
    [
      "SELECT * FROM logs WHERE created_at > $1 ORDER BY created_at DESC LIMIT $2",
      "idx_logs_created_at ON pgc.logs (created_at DESC);",
    ],
    ["SELECT * FROM logs ORDER BY created_at LIMIT $1", "idx_logs_created_at ON pgc.logs (created_at);"],
    ["UPDATE logs SET action = $1 WHERE id = $2", "idx_logs_id ON pgc.logs (id);"],
    ["DELETE FROM logs WHERE created_at < $1", "idx_logs_created_at ON pgc.logs (created_at);"],
    [
      "SELECT 1 FROM logs WHERE action ILIKE $1",
      "idx_logs_action ON pgc.logs USING gin (action gin_trgm_ops);",
    ],
    ["SELECT 1 FROM logs WHERE tags @> $1", "idx_logs_tags ON pgc.logs USING gin (tags);"],
    ['SELECT 1 FROM logs WHERE "user" = $1', 'idx_logs_user ON pgc.logs ("user");'],
  ])("%s", (statement, expected) => {
    expect(suggest(statement)).toBe(expected);
  });

  test.each([
    "SELECT count(*) FROM logs",
    "SELECT * FROM logs ORDER BY created_at",
    "SELECT * FROM logs WHERE action NOT LIKE $1",
    "SELECT * FROM logs WHERE lower(action) = $1",
    "SELECT user_id = $1 FROM logs",
  ])("has none for %s", (statement) => {
    expect(suggest(statement)).toBeUndefined();
  });

  test("keeps a name that the server would not cut", () => {
    const long = { ...table, columns: [{ name: "a".repeat(60), type: "text" }] };
    const found = suggestIndex(long, `SELECT 1 FROM logs WHERE ${"a".repeat(60)} = $1`);
    expect(/EXISTS (\w+) ON/.exec(found!)![1]).toHaveLength(63);
  });
});

test("an index that begins with the columns is there already", () => {
  const wanted = "CREATE INDEX CONCURRENTLY IF NOT EXISTS x ON pgc.logs (user_id, created_at DESC);";
  expect(isCovered(wanted, ["CREATE INDEX y ON pgc.logs USING btree (user_id, created_at, status)"])).toBe(
    true,
  );
  expect(isCovered(wanted, ["CREATE INDEX y ON pgc.logs USING btree (created_at, user_id)"])).toBe(false);
  expect(
    isCovered(wanted, [
      "CREATE INDEX y ON pgc.logs USING btree (user_id, created_at) WHERE (status = 'a'::text)",
    ]),
  ).toBe(false);
});
