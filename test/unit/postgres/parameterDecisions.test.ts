import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { format } from "prettier";
import { describe, expect, test } from "vitest";
import { CATALOGUE } from "../../../components/postgres/catalogue.ts";
import {
  decided,
  decisionsOn,
  decisionsInWords,
  lossBy,
} from "../../../components/postgres/parameterDecisions.ts";
import { validateParameters } from "../../../components/postgres/parameterFaults.ts";
import { sizeParameters } from "../../../components/postgres/sizing.ts";

test("each parameter of the catalogue has one decision, and no decision is for a name that is not there", () => {
  const names = [...CATALOGUE.keys()];
  expect(names.filter((name) => decisionsOn(name).length !== 1)).toEqual([]);
  expect(decided().sort()).toEqual(names.sort());
});

describe("nobody sets here", () => {
  const refusalOf = (name: string) => validateParameters({ [name]: "on" }).faults[0];

  test.each([
    ["what TLS needs", ["ssl", "ssl_ca_file", "ssl_ciphers", "ssl_min_protocol_version"], /certificates/],
    ["what a transaction sets itself", ["transaction_read_only", "transaction_isolation"], /BEGIN/],
    ["what upkeep reads", ["cron.log_run", "cron.database_name", "cron.use_background_workers"], /upkeep/],
    ["what archives WAL", ["archive_command", "archive_mode", "restore_command"], /no backups yet/],
    ["what every login has of its own", ["statement_timeout", "search_path"], /SET LOCAL/],
    ["what no login would get past", ["db_user_namespace", "pre_auth_delay"], /password|every connection/],
    [
      "what Patroni decides",
      ["port", "data_directory", "recovery_target_time", "hot_standby"],
      /Patroni|ports/,
    ],
    ["what is built in", ["block_size", "server_version", "in_hot_standby"], /built/],
  ])("%s", (_, names, reason) => {
    for (const name of names) {
      expect(refusalOf(name)?.allowed, name).toMatch(/^nothing: it is .+ to set$/);
      expect(refusalOf(name)?.remedy, name).toMatch(reason);
    }
  });
});

test.each([
  ["fsync", "off", "on"],
  ["full_page_writes", "off", "on"],
  ["zero_damaged_pages", "on", "off"],
  ["ignore_checksum_failure", "on", "off"],
  ["autovacuum", "off", "on"],
  ["synchronous_commit", "local", "remote_write"],
  ["session_replication_role", "replica", "origin"],
  ["password_encryption", "md5", "scram-sha-256"],
  ["log_statement", "ddl", "none"],
  ["log_min_duration_statement", "0", "-1"],
  ["log_min_messages", "debug2", "warning"],
  ["pgaudit.log", "ddl,role", "write, DDL,role"],
  ["pgaudit.log", "all,-write", "all"],
  ["pgaudit.log", "read,-ddl,role,write", "ddl,role,write,-misc"],
])("%s = %s is dangerous, and %s is not", (name, dangerous, safe) => {
  expect(lossBy(name, dangerous)).toMatch(/^\S.*\S$/);
  expect(lossBy(name, safe)).toBeUndefined();
});

test("the stack's own values are not dangerous, and are read without a fault where an operator may set them", () => {
  const host = {
    memoryMb: 4096,
    cpus: 4,
    storage: "ssd",
    workload: "oltp",
    maxConnections: 200,
    members: 3,
  } as const;
  for (const [name, value] of Object.entries(sizeParameters(host))) {
    expect(lossBy(name, value), name).toBeUndefined();
    if (CATALOGUE.get(name)?.owner === undefined)
      expect(validateParameters({ [name]: value }), name).toMatchObject({
        values: { [name]: value },
        faults: [],
      });
  }
});

test("the decisions are in docs/parameters.md in the same words", async () => {
  const page = readFileSync(resolve(import.meta.dirname, "../../../docs/parameters.md"), "utf8");
  const between = page.split("<!-- decisions:start -->").at(1)?.split("<!-- decisions:end -->").at(0)?.trim();
  const decisions = (await format(decisionsInWords(), { parser: "markdown", printWidth: 110 })).trim();
  expect(between, `docs/parameters.md holds other decisions; the right ones are\n${decisions}\n`).toBe(
    decisions,
  );
});
