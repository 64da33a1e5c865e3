import { describe, expect, test } from "vitest";
import { CATALOGUE, parameter, splitByCost } from "../../../components/postgres/catalogue.ts";
import { validateParameters } from "../../../components/postgres/parameterFaults.ts";
import { restartOrder } from "../../../components/postgres/bootstrap.ts";

function value(name: string, given: string | number | boolean): string {
  const { values, faults } = validateParameters({ [name]: given });
  return faults.length === 0 ? values[parameter(name)!.name]! : `refused: ${faults[0]!.allowed}`;
}

describe("values are written the one way that PostgreSQL shows them", () => {
  test.each([
    ["work_mem", "8192kB", "8MB"],
    ["work_mem", " 8 MB ", "8MB"],
    ["work_mem", 8192, "8MB"],
    ["work_mem", "1.5GB", "1536MB"],
    ["work_mem", "0x2000", "8MB"],
    ["shared_buffers", 32768, "256MB"],
    ["shared_buffers", "1TB", "1TB"],
    ["wal_buffers", "-1", "-1"],
    ["checkpoint_timeout", 900, "15min"],
    ["checkpoint_timeout", "90s", "90s"],
    ["checkpoint_completion_target", "0.90", "0.9"],
    ["checkpoint_completion_target", ".5", "0.5"],
    ["vacuum_cost_delay", 0.5, "500us"],
    ["vacuum_cost_delay", "2ms", "2ms"],
    ["random_page_cost", "1.10", "1.1"],
    ["seq_page_cost", 1e300, "1e+300"],
    ["tcp_keepalives_idle", "1min", "60"],
    ["log_temp_files", "10240", "10MB"],
    ["jit", "Yes", "on"],
    ["jit", "of", "off"],
    ["jit", false, "off"],
    ["jit", 1, "on"],
    ["wal_compression", false, "off"],
    ["wal_compression", "LZ4", "lz4"],
    ["synchronous_commit", "remote_apply", "remote_apply"],
    ["log_line_prefix", "%m 'x' ", "%m 'x' "],
    ["application_name", "a".repeat(63), "a".repeat(63)],
    ["DateStyle", "iso, dmy", "iso, dmy"],
    ["TimeZone", "europe/berlin", "Europe/Berlin"],
    ["log_timezone", "utc", "UTC"],
    ["lc_monetary", "C.UTF-8", "C.utf8"],
    ["timezone_abbreviations", "default", "Default"],
    ["default_text_search_config", "German", "pg_catalog.german"],
    ["pgaudit.log", "all, -misc", "all, -misc"],
  ])("%s = %j is %s", (name, given, shown) => expect(value(name, given)).toBe(shown));

  test.each([
    ["work_mem", "1536MB"],
    ["checkpoint_timeout", "90s"],
    ["vacuum_cost_delay", "500us"],
  ])("%s = %s is left as it is", (name, shown) => expect(value(name, shown)).toBe(shown));

  test.each([
    ["max_wal_size", "1.3GB", "1331MB"],
    ["deadlock_timeout", "1.4ms", "1ms"],
    ["temp_file_limit", "100B", "0"],
    ["work_mem", "8192.4", "8MB"],
    ["commit_siblings", "4.6", "5"],
    ["cpu_tuple_cost", "0.12345678", "0.123457"],
  ])("%s = %s is refused: the server would round it", (name, given, made) =>
    expect(value(name, given)).toBe(`refused: what the server does not round; of this it would make ${made}`),
  );

  test("under the name that PostgreSQL uses", () => {
    expect(validateParameters({ Work_Mem: "1MB", timezone: "UTC" }).values).toEqual({
      work_mem: "1MB",
      TimeZone: "UTC",
    });
  });
});

describe("what PostgreSQL or Patroni would not take is refused", () => {
  test.each([
    ["work_mem", "8mb", /with a unit \(B, kB, MB, GB, TB\)/],
    ["work_mem", "8ms", /from 64kB to 2147483647kB/],
    ["work_mem", "32kB", /from 64kB/],
    ["work_mem", "lots", /a number/],
    ["work_mem", "", /a number/],
    ["work_mem", true, /a number/],
    ["checkpoint_timeout", "5 weeks", /from 30s to 1d, with a unit \(us, ms, s, min, h, d\)/],
    ["max_connections", 24, /a whole number from 25 to 262143/],
    ["max_connections", "2e9", /to 262143/],
    ["min_wal_size", "16MB", /from 32MB/],
    ["wal_level", "minimal", /^refused: replica, logical$/],
    ["jit", "maybe", /^refused: on or off$/],
    ["wal_compression", "best", /pglz, lz4, zstd, on, off/],
    ["log_line_prefix", "%m\nshared_buffers = 1", /text of one line/],
    ["application_name", "naïve", /text of one line in ASCII/],
    ["application_name", "a".repeat(64), /at most 63 characters/],
    ["TimeZone", "Mars/Olympus", /^refused: a time zone of the image: .+ …$/],
    ["log_timezone", "Europe/Berlln", /^refused: a time zone of the image: Europe\/Berlin …$/],
    ["lc_messages", "de_DE.UTF-8", /^refused: a locale of the image: C, C.utf8, POSIX$/],
    ["lc_time", "", /^refused: a locale of the image/],
    ["timezone_abbreviations", "Mars", /: Australia, Default, India$/],
    ["default_text_search_config", "klingon", /^refused: a text search configuration of the image: .*german/],
    ["DateStyle", "German", /^refused: ISO/],
    ["DateStyle", "SQL, DMY", /^refused: ISO/],
    ["DateStyle", "Postgres, MDY", /^refused: ISO/],
    ["pgaudit.log", "ddl,rolle", /classes of pgaudit/],
    ["pgaudit.log_level", "error", /notice, warning, log/],
    ["huge_pages", "on", /^refused: off, try$/],
    ["max_worker_processes", 7, /from 8/],
    ["wal_receiver_status_interval", 0, /from 1s/],
    ["wal_sender_timeout", "1ms", /from 1s/],
    ["tcp_keepalives_idle", 32768, /to 32767/],
    ["max_stack_depth", "8MB", /to 7680kB/],
    ["wal_retrieve_retry_interval", "1d", /to 1min/],
    ["log_line_prefix", "half \ud83d", /text of one line/],
    ["session_preload_libraries", "no_such_library", /a list of pg_stat_statements.*auth_delay/],
    ["session_preload_libraries", "auto_explain,", /a list of/],
    ["local_preload_libraries", "auto_explain", /nothing: the image has no such library/],
    ["shared_preload_libraries", "pgaudit", /pg_stat_statements, auto_explain, pg_cron, pgaudit/],
    ["shared_preload_libraries", "pg_stat_statements,auto_explain,pg_cron,pgaudit,nosuch", /only auth_delay/],
  ])("%s = %j", (name, given, allowed) => expect(value(name, given)).toMatch(allowed));

  test("libraries of the image may be loaded in sessions, or none", () => {
    expect(value("session_preload_libraries", "auto_explain, passwordcheck")).toBe(
      "auto_explain, passwordcheck",
    );
    expect(value("session_preload_libraries", "")).toBe("");
    expect(value("local_preload_libraries", "")).toBe("");
  });

  test("libraries of the image may be added to the stack's own", () => {
    const libraries = "pg_stat_statements, auto_explain, pg_cron, pgaudit, pg_prewarm";
    expect(value("shared_preload_libraries", libraries)).toBe(libraries);
  });
});

describe("a fault says the key, the value, what is allowed, and how to put it right", () => {
  test("for an unknown name, the nearest known one", () => {
    expect(validateParameters({ shared_bufers: "1GB" }).faults).toEqual([
      {
        key: "acgs-db:postgres.parameters.shared_bufers",
        value: '"1GB"',
        allowed: "a parameter of PostgreSQL 15, pg_stat_statements, auto_explain, pg_cron or pgaudit",
        remedy:
          "pulumi config set --path acgs-db:postgres.parameters.shared_buffers 1GB\n" +
          "then pulumi config rm --path acgs-db:postgres.parameters.shared_bufers",
      },
    ]);
  });

  test("for one that Patroni owns, where it is set instead", () => {
    expect(validateParameters({ port: 5433 }).faults).toEqual([
      {
        key: "acgs-db:postgres.parameters.port",
        value: "5433",
        allowed: "nothing: it is Patroni's to set",
        remedy:
          "take it out; published ports are set by acgs-db:ports.postgres\n" +
          "pulumi config rm --path acgs-db:postgres.parameters.port",
      },
    ]);
  });

  test("for one that is given twice in two spellings", () => {
    const { values, faults } = validateParameters({ work_mem: "1MB", WORK_MEM: "2MB" });
    expect(values).toEqual({ work_mem: "1MB" });
    expect(faults.map(({ allowed }) => allowed)).toEqual(["each parameter once: work_mem is given twice"]);
  });

  test("all at once", () => {
    expect(validateParameters({ a: 1, port: 1, jit: "x", work_mem: "8MB" }).faults).toHaveLength(3);
  });
});

describe("the catalogue", () => {
  test("knows the cost of every change", () => {
    const settable = [...CATALOGUE.values()].filter(({ owner }) => owner === undefined);
    expect(settable.length).toBeGreaterThan(250);
    expect(
      settable.filter(({ cost }) => cost === "restart, the primary first when lowered").map((e) => e.name),
    ).toEqual([
      "max_connections",
      "max_locks_per_transaction",
      "max_prepared_transactions",
      "max_wal_senders",
      "max_worker_processes",
    ]);
    expect(parameter("shared_buffers")?.cost).toBe("restart");
    expect(parameter("work_mem")?.cost).toBe("reload");
    expect(parameter("max_wal_size")?.cost).toBe("reload");
  });

  test("puts parameters under the heading that a preview shows", () => {
    expect(
      splitByCost({ work_mem: "8MB", shared_buffers: "1GB", max_connections: "100", jit: "off" }, "manual"),
    ).toEqual({
      appliedByReload: { jit: "off", work_mem: "8MB" },
      pendingUntilRestart: { shared_buffers: "1GB" },
      pendingUntilRestartPrimaryFirstWhenLowered: { max_connections: "100" },
    });
  });
});

describe("members restart in an order that no replica falls below its primary", () => {
  const waiting = (parameter: string, current: string, wanted: string) =>
    ["a", "b", "c"].map((member) => ({ member, parameter, current, wanted }));

  test.each([
    ["raised", waiting("max_connections", "100", "200"), ["a", "c", "b"]],
    ["lowered", waiting("max_connections", "200", "100"), ["b", "a", "c"]],
    [
      "both",
      [...waiting("max_connections", "200", "100"), ...waiting("max_wal_senders", "5", "10")],
      ["a", "c", "b"],
    ],
    ["of no matter to replicas", waiting("shared_buffers", "1GB", "512MB"), ["a", "c", "b"]],
  ])("%s", (_, changes, order) => expect(restartOrder("b", changes)).toEqual(order));

  test("those that do not wait are left alone", () => {
    expect(restartOrder("b", waiting("shared_buffers", "1GB", "2GB").slice(0, 1))).toEqual(["a"]);
  });
});
