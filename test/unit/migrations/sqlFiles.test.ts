import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { partitionIndexName } from "../../../components/migrations/buildIndex.ts";
import { CHAIN_START, chainLink, checkChain } from "../../../components/migrations/ledger.ts";
import type { LedgerRow } from "../../../components/migrations/ledger.ts";
import { filesToRun } from "../../../components/migrations/runner.ts";
import { historyFaults, sqlFiles, SqlFilesError } from "../../../components/migrations/sqlDirectory.ts";
import {
  fileInputs,
  normalise,
  parseFileName,
  readDirectives,
  sha256,
  sqlText,
} from "../../../components/migrations/sqlFile.ts";
import type { FileInput } from "../../../components/migrations/sqlFile.ts";

async function faultsOf(
  contents: Record<string, string | Buffer>,
  settings: Record<string, string> = {},
): Promise<string[]> {
  try {
    await sqlFiles(contents, "sql/app", settings);
  } catch (error) {
    if (error instanceof SqlFilesError) return error.faults;
    throw error;
  }
  return [];
}

describe("file names", () => {
  test.each([
    ["V001__tables.sql", { version: 1 }],
    ["V042__add_note_2.sql", { version: 42 }],
    ["V1234__x.sql", { version: 1234 }],
    ["R__indexes.sql", { version: undefined }],
    ["V000__x.sql", undefined],
    ["V0001__x.sql", undefined],
    ["V01__x.sql", undefined],
    ["V001_x.sql", undefined],
    ["V001__X.sql", undefined],
    ["V001__x.SQL", undefined],
    ["V001__x__y.sql", undefined],
    ["v001__x.sql", undefined],
    ["R__.sql", undefined],
    ["R__x.sql\n", undefined],
    ["R__x'; DROP TABLE t; --.sql", undefined],
    ["../R__x.sql", undefined],
  ])("%j", (name, expected) => {
    expect(parseFileName(name)).toEqual(expected);
  });

  test("no name that is taken holds anything that SQL or a shell would read", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((s) => `R__${s}.sql`),
        ),
        (name) => {
          if (parseFileName(name)) expect(name).toMatch(/^[A-Za-z0-9_]+\.sql$/);
        },
      ),
    );
  });
});

describe("faults of a directory", () => {
  test("are all named at once, each with its place and remedy", async () => {
    expect(
      await faultsOf(
        {
          "V001__a.sql": "SELECT 1;\n  COMMIT;",
          "V003__b.sql": "-- acgs: concurent\nSELECT 1",
          "V003__c.sql": "  -- only a comment\n;;",
          "V006__d.sql": "SELECT 'open",
          "R__e.sql": "SELECT 1;\n-- acgs: concurrent\n",
          "R__f.sql": "CREATE INDEX CONCURRENTLY i ON t (a)",
          "R__g.sql":
            "-- acgs: concurrent\nCREATE INDEX i ON t (a);\nCREATE INDEX CONCURRENTLY ON t (a);\nCREATE INDEX CONCURRENTLY i ON ONLY a.t (a)",
          "notes.txt": "",
          "more/": "",
        },
        { work_mem: "1" },
      ),
    ).toEqual([
      'setting "work_mem": a setting\'s name is "acgs." and small letters, digits and underscores, and its value is a text without NUL',
      'R__e.sql:2: "-- acgs: concurrent" must stand in the file\'s first lines',
      'R__f.sql:1:1: this cannot run in a transaction: put "-- acgs: concurrent" into the file\'s first line',
      "R__g.sql:2:1: CREATE INDEX without CONCURRENTLY locks out writers: add CONCURRENTLY",
      "R__g.sql:3:1: an index that is built concurrently needs a name, so that a failed build can be found again",
      "R__g.sql:4:1: write it as CREATE INDEX CONCURRENTLY IF NOT EXISTS name ON table …, without ONLY: partitions are seen to",
      "V001__a.sql:2:3: COMMIT is not for SQL files: the runner opens and ends transactions",
      'V003__b.sql:1: unknown directive "concurent"; known are "concurrent", "last" and "role=superuser"',
      "V003__c.sql: holds no statement",
      `V006__d.sql:1:8: unterminated quoted string at or near "'open"`,
      expect.stringMatching(/^"more\/": a versioned file is V001__some_name\.sql/) as string,
      expect.stringMatching(/^"notes\.txt": a versioned file is/) as string,
      "V003__b.sql and V003__c.sql have one version: give the later one the next number",
      "V002 is missing before V003__b.sql and V003__c.sql: restore it, or number the files without a gap",
      "V004 to V005 are missing before V006__d.sql: restore it, or number the files without a gap",
    ]);
  });

  test("make a message with one line each", async () => {
    await expect(sqlFiles({ "V001__a.sql": "", "R__b.sql": "" }, "sql/app", {})).rejects.toThrow(
      "sql/app: 2 faults, nothing was applied\n  - R__b.sql: holds no statement\n  - V001__a.sql: holds no statement",
    );
  });

  test.each([
    ["BEGIN; SELECT 1; END", 2],
    ["START TRANSACTION", 1],
    ["ROLLBACK", 1],
    ["abort", 1],
    ["PREPARE TRANSACTION 'x'", 1],
    ["SAVEPOINT a; ROLLBACK TO a; ROLLBACK WORK TO SAVEPOINT a; RELEASE a", 0],
    ["PREPARE p AS SELECT 1", 0],
    ["DO $$ BEGIN COMMIT; END $$", 0],
    ["REFRESH MATERIALIZED VIEW CONCURRENTLY v", 0],
    ["DROP INDEX CONCURRENTLY IF EXISTS i", 1],
    ["REINDEX (VERBOSE) TABLE CONCURRENTLY t", 1],
    ["ALTER TABLE a.p DETACH PARTITION a.q CONCURRENTLY", 1],
    ["VACUUM t", 1],
    ["CREATE DATABASE d", 1],
    ["CLUSTER", 1],
    ["CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p", 1],
    ["DROP SUBSCRIPTION s", 1],
    ["COPY app.t (id) FROM STDIN WITH (FORMAT csv)", 1],
    ["COPY app.t FROM '/srv/t.csv'; COPY app.t TO STDOUT", 0],
    ["COMMENT ON TABLE t IS 'built concurrently; COMMIT'", 0],
    ["CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END", 0],
  ])("in a transaction: %s", async (text, count) => {
    expect(await faultsOf({ "R__a.sql": text })).toHaveLength(count);
  });
});

describe("what the server reads otherwise, or not at all", () => {
  const only = async (text: string | Buffer): Promise<string> => {
    const faults = await faultsOf({ "R__a.sql": text });
    expect(faults).toHaveLength(1);
    return faults[0]!;
  };

  test.each<[string, Buffer, string]>([
    ["ISO 8859-1", Buffer.from("-- a\r\nSELECT 'M\xe9tape';", "latin1"), ":2:10: is not UTF-8 from here on"],
    [
      "a file that ends within a character",
      Buffer.from("SELECT 'café").subarray(0, -1),
      ":1:12: is not UTF-8",
    ],
    [
      "behind U+FFFD itself",
      Buffer.from([...Buffer.from("SELECT '\uFFFD', '"), 0xff]),
      ":1:14: is not UTF-8",
    ],
    ["UTF-16", Buffer.from("\uFEFFSELECT 'é'", "utf16le"), ": is in UTF-16: save it as UTF-8"],
    ["UTF-16, big end first", Buffer.from("\uFEFFSELECT 1", "utf16le").swap16(), ": is in UTF-16: save it"],
    ["UTF-16 without a mark", Buffer.from("SELECT 1", "utf16le"), ":1:2: holds a NUL character"],
  ])("%s is refused with its place", async (_, bytes, fault) => {
    expect((await only(bytes)).slice(0, 8 + fault.length)).toBe(`R__a.sql${fault}`);
  });

  test("U+FFFD in a file is a character as any other", async () => {
    expect(await faultsOf({ "R__a.sql": Buffer.from("SELECT '\uFFFD'") })).toEqual([]);
  });

  test("a byte order mark in the middle of a file is shown", async () => {
    expect(await only("SELECT 1;\n\uFEFFSELECT 2")).toBe(
      'R__a.sql:2:1: syntax error at or near "<U+FEFF>SELECT"',
    );
  });

  test.each([
    ["\\restrict 0123abc'd", "1:1", "\\restrict is a command of psql"],
    ["SELECT 1;\n\\if true\nSELECT 2;", "2:1", "\\if is a command of psql"],
    ["\\copy t from 'x.csv'", "1:1", "\\copy is a command of psql"],
    ["SELECT 'CREATE TABLE a.b ()' \\gexec", "1:30", "\\gexec is a command of psql"],
    ["SELECT :months", "1:8", ":months is a variable of psql"],
    ["SELECT :'a text'", "1:8", ":'a text' is a variable of psql"],
    ['SELECT 1 AS :"name"', "1:13", ':"name" is a variable of psql'],
    ["SELECT :{?months}", "1:8", ":{?months} is a variable of psql"],
  ])("psql's own: %s", async (text, place, message) => {
    expect((await only(text)).startsWith(`R__a.sql:${place}: ${message}, which no server knows`)).toBe(true);
  });

  test("a colon of SQL is none of psql's", async () => {
    expect(await faultsOf({ "R__a.sql": "SELECT a[:2], b::text FROM t" })).toEqual([]);
  });

  test.each([
    "plain\tone\nthe reviewer's\ttwo",
    "it's\tone",
    "1\t'",
    "-- no comment'\tone",
    "call\tme; SELECT 'x",
    "",
  ])("rows of a dump, first %j: COPY is named, and where it stands", async (data) => {
    const dump = `SELECT 1;\nCOPY a.t (b, c) FROM stdin WITH (NULL 'x');\n${data}\n\\.\nSELECT 1;`;
    expect(await only(dump)).toBe("R__a.sql:2:1: COPY FROM STDIN has no data here: write INSERT");
  });
});

describe("names that are longer than the server keeps them", () => {
  const long = `${"x".repeat(60)}ÜÜ`;
  const fault = (place: string, written = long, kept = `${"x".repeat(60)}Ü`) =>
    `R__a.sql:${place}: the name ${written} is longer than 63 bytes, and the server would keep ${kept}: shorten it`;

  test.each([
    ["CREATE TABLE a.%s ()", "1:16"],
    ["ALTER TABLE a.t\n ADD CONSTRAINT %s CHECK (b)", "2:17"],
    ["CREATE OR REPLACE FUNCTION a.%s() RETURNS int BEGIN ATOMIC SELECT 1; END", "1:30"],
    ["CREATE TRIGGER %s AFTER INSERT ON a.t EXECUTE FUNCTION f()", "1:16"],
    ["SELECT '%s', $$%s$$ /* %s */ AS %s -- %s", undefined],
  ])("%s", async (text, place) => {
    const sql = text.replaceAll("%s", long);
    const at = `1:${sql.lastIndexOf(" AS ") + 5}`;
    expect(await faultsOf({ "R__a.sql": sql })).toEqual([fault(place ?? at)]);
  });

  test("in quotes, and each once", async () => {
    const quoted = `"${"é".repeat(31)}""é"`;
    const sql = `SELECT 1 AS ${quoted}; SELECT 2 AS ${quoted}`;
    expect(await faultsOf({ "R__a.sql": sql })).toEqual([fault("1:13", quoted, `${"é".repeat(31)}"`)]);
  });

  test("63 bytes are none, nor is a long word that is no name", async () => {
    const sql = `SELECT '${long}' AS ${"x".repeat(61)}Ü, $a$ ${long} $a$ -- ${long}`;
    expect(await faultsOf({ "R__a.sql": sql })).toEqual([]);
  });
});

describe("what a file may not do to the runner's session", () => {
  const concurrent = (text: string) => `-- acgs: concurrent\n${text}`;
  const superuser = (text: string) => `-- acgs: role=superuser\n${text}`;

  test.each([
    [
      "SELECT pg_advisory_unlock_all()",
      /^R__a\.sql:1:1: pg_advisory_unlock_all\(\) is about locks of the session/,
    ],
    ["DO $$ BEGIN END $$; SELECT pg_catalog.pg_try_advisory_lock(1)", /1:21: pg_try_advisory_lock\(\)/],
    [concurrent("DISCARD ALL"), /2:1: DISCARD ALL lets go of the runner's lock/],
    ["RESET ROLE", /role: a file runs as the owner of all objects/],
    ["SET LOCAL ROLE other", /role: a file runs as the owner/],
    ["SET SESSION AUTHORIZATION DEFAULT", /session_authorization: a file runs as the owner/],
    ["SELECT set_config('role', 'postgres', true)", /role: a file runs as the owner/],
    ["RESET ALL", /RESET ALL resets what the runner has set/],
    ["SET lock_timeout = 0", /lock_timeout: is set by the runner/],
    [superuser("SET LOCAL DEADLOCK_TIMEOUT = '1h'"), /deadlock_timeout: is set by the runner/],
    ["SET TRANSACTION READ ONLY", /transaction: the runner opens and ends transactions/],
    ["SET LOCAL transaction_read_only = on", /transaction_read_only: the runner opens/],
    ["SET NAMES 'LATIN1'", /client_encoding: SQL files are UTF-8/],
    [
      concurrent("SET standard_conforming_strings = off"),
      /standard_conforming_strings: the statements behind/,
    ],
    [concurrent("SET LOCAL search_path = a"), /search_path: SET LOCAL has no effect outside a transaction/],
  ])("%j", async (text, fault) => {
    expect(await faultsOf({ "R__a.sql": text })).toEqual([expect.stringMatching(fault)]);
  });

  test.each([
    "SET search_path = a; SET LOCAL statement_timeout = '1min'; SET client_encoding = 'UTF8'",
    "SELECT pg_advisory_xact_lock(1)",
    "CREATE FUNCTION f() RETURNS void LANGUAGE sql SET role = x SET lock_timeout = 0 AS 'SELECT pg_advisory_unlock_all()'",
    superuser("SET ROLE other; RESET ROLE; SET session_replication_role = replica"),
    concurrent("SET search_path = a"),
  ])("allowed: %j", async (text) => expect(await faultsOf({ "R__a.sql": text })).toEqual([]));

  test("a versioned file is refused when it is to run, not when it has run", async () => {
    const files = await sqlFiles({ "V001__a.sql": "RESET ROLE" }, "sql/app", {});
    expect(() => filesToRun(files, [], "sql/app")).toThrow("V001__a.sql:1:1: role: a file runs as the owner");
    const chain = chainLink(CHAIN_START, files[0]!);
    const ledger = [{ file: "V001__a.sql", kind: "versioned" as const, sha256: files[0]!.sha256, chain }];
    expect(filesToRun(files, ledger, "sql/app")).toEqual([]);
  });
});

describe("hashes", () => {
  const hash = (name: string, text: string, settings = {}): string => sqlText(name, text, settings)!.sha256;

  test("do not depend on line ends or a byte order mark, and on everything else", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (lines) => {
        const [unix, dos] = [lines.join("\n"), `\uFEFF${lines.join("\r\n")}`];
        expect(normalise(dos)).toBe(normalise(unix.replace(/^\uFEFF/, "")));
        expect(hash("R__a.sql", dos)).toBe(hash("R__a.sql", normalise(unix)));
        expect(hash("R__a.sql", `${unix} `)).not.toBe(hash("R__a.sql", unix));
      }),
    );
  });

  test("of a repeatable file cover the settings that it names, and no others", () => {
    const text = "SELECT current_setting('acgs.months')";
    const six = hash("R__a.sql", text, { "acgs.months": "6" });
    expect(hash("R__a.sql", text, { "acgs.months": "7" })).not.toBe(six);
    expect(hash("R__a.sql", text, { "acgs.months": "6", "acgs.other": "1" })).toBe(six);
    expect(hash("V001__a.sql", text, { "acgs.months": "6" })).toBe(sha256(text));
    expect(hash("R__a.sql", "SELECT 1", { "acgs.months": "6" })).toBe(sha256("SELECT 1"));
  });
});

test("a file's first lines hold its directives, and blanks in them do not matter", () => {
  expect(readDirectives("--acgs:concurrent\n-- acgs: role=superuser  \nSELECT 1")).toEqual({
    concurrent: true,
    superuser: true,
    last: false,
    faults: [],
  });
  expect(readDirectives("-- about acgs: nothing\nSELECT 1")).toEqual({
    concurrent: false,
    superuser: false,
    last: false,
    faults: [],
  });
});

describe("a file that runs last", () => {
  const LAST = "-- acgs: last\nGRANT SELECT ON app.t TO reader";
  const files = (other: string, last = LAST, settings = {}) =>
    sqlFiles({ "R__a.sql": last, "R__z.sql": other, "V001__t.sql": "SELECT 1" }, "sql/app", settings);
  const hashOfLast = async (...given: Parameters<typeof files>): Promise<string> =>
    (await files(...given)).at(-1)!.sha256;

  test("comes after all others, whatever its name", async () => {
    const names = (await files("SELECT 1")).map(({ name }) => name);
    expect(names).toEqual(["V001__t.sql", "R__z.sql", "R__a.sql"]);
  });

  test("runs again when another does: its hash covers theirs, and theirs does not cover its own", async () => {
    const before = await hashOfLast("SELECT 1");
    expect(await hashOfLast("SELECT 1")).toBe(before);
    expect(await hashOfLast("SELECT 2")).not.toBe(before);
    expect(await hashOfLast("SELECT 1", `${LAST}, writer`)).not.toBe(before);
    const reads = "SELECT current_setting('acgs.months')";
    expect(await hashOfLast(reads, LAST, { "acgs.months": "6" })).not.toBe(
      await hashOfLast(reads, LAST, { "acgs.months": "7" }),
    );
    expect((await files("SELECT 1"))[1]!.sha256).toBe(sha256("SELECT 1"));
  });

  test("follows a file that runs as it is, because its line in the ledger was lost", async () => {
    const all = await files("SELECT 1");
    const ledgerWithout = (lost: string): LedgerRow[] => {
      let chain = CHAIN_START;
      return all.flatMap((file) => {
        if (file.name === lost) return [];
        if (file.version !== undefined) chain = chainLink(chain, file);
        return [{ file: file.name, sha256: file.sha256, chain } as LedgerRow];
      });
    };
    const toRun = (lost: string) => filesToRun(all, ledgerWithout(lost), "sql/app").map(({ name }) => name);
    expect(toRun("R__z.sql")).toEqual(["R__z.sql", "R__a.sql"]);
    expect(toRun("none")).toEqual([]);
  });

  test("is repeatable", async () => {
    expect(await faultsOf({ "V001__t.sql": LAST })).toEqual([
      'V001__t.sql: "last" is for repeatable files: a versioned one runs once',
    ]);
  });

  test("says so in a preview", async () => {
    expect(fileInputs(await files("SELECT 1"))["R__a.sql"]).toMatchObject({
      runs: "after all others",
      mode: "one transaction",
    });
  });
});

test("a preview shows of a file how it runs, what it locks and its hash, and nothing that does not apply", async () => {
  const inputs = async (name: string, text: string): Promise<FileInput | undefined> =>
    fileInputs(await sqlFiles({ [name]: text }, "sql/app", {}))[name];
  const superuser = "-- acgs: concurrent\n-- acgs: role=superuser\nSELECT 1";
  expect(await inputs("R__a.sql", superuser)).toEqual({
    runs: "when changed",
    mode: "concurrent",
    role: "superuser",
    sha256: sha256(superuser),
  });
  const locking = "ALTER TABLE a.t ADD c int; ALTER TABLE a.u ADD c int";
  expect(await inputs("V001__a.sql", locking)).toEqual({
    runs: "once",
    mode: "one transaction",
    locks: ["a.t", "a.u"],
    sha256: sha256(locking),
  });
});

describe("the ledger's chain", () => {
  const rows = (texts: string[]): LedgerRow[] => {
    let chain = CHAIN_START;
    return texts.map((text, i) => {
      const row = { file: `V00${i + 1}__x.sql`, sha256: sha256(text) };
      chain = chainLink(chain, { name: row.file, sha256: row.sha256 });
      return { ...row, kind: "versioned" as const, chain };
    });
  };

  test("breaks at the line that was changed, taken out or put in another place", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 3, maxLength: 8 }), fc.nat(), (texts, n) => {
        const whole = rows(texts);
        expect(checkChain(whole)).toEqual({ last: whole.at(-1)!.chain, broken: undefined });
        const at = n % (whole.length - 1);
        const edited = whole.map((row, i) => (i === at ? { ...row, sha256: sha256("edited") } : row));
        expect(checkChain(edited).broken).toBe(whole[at]!.file);
        expect(checkChain(whole.filter((_, i) => i !== at)).broken).toBe(whole[at + 1]!.file);
      }),
    );
  });

  test("stops the run, together with every other fault of the past", async () => {
    const texts = { "V001__x.sql": "SELECT 1", "V002__y.sql": "SELECT 2", "V003__x.sql": "SELECT 3" };
    const files = await sqlFiles(texts, "sql/app", {});
    const ledger = rows(["SELECT 1", "edited", "SELECT 3"]).map((row) => ({
      ...row,
      chain: row.file.startsWith("V003") ? "0" : row.chain,
    }));
    expect(() => filesToRun(files, ledger, "sql/app")).toThrow(
      new SqlFilesError("sql/app", [
        "V002__x.sql was applied and has disappeared: restore it from version control",
        "deploy.ledger was changed by hand: the chain of hashes breaks at V003__x.sql. Restore the table from a " +
          "backup, or find out who changed which line and why",
        "V002__y.sql is new, but V003 was applied already: give it the next free number",
      ]),
    );
  });
});

test("only versioned files have a past that binds", () => {
  const applied = [
    { file: "R__a.sql", sha256: sha256("old") },
    { file: "V001__a.sql", sha256: sha256("old") },
  ];
  expect(historyFaults([{ name: "V001__a.sql", sha256: sha256("old") }], applied)).toEqual([]);
  expect(historyFaults([{ name: "V001__a.sql", sha256: sha256("new") }], applied)).toEqual([
    `V001__a.sql was edited after it was applied (was ${sha256("old").slice(0, 12)}, is ${sha256("new").slice(0, 12)}): ` +
      "restore it from version control, and put the change into a new versioned file",
  ]);
});

describe("the name of a partition's index", () => {
  test("is partition and index, cut to 63 bytes with a hash of the whole", () => {
    expect(partitionIndexName("log_y2025m06", "idx_log")).toBe("log_y2025m06_idx_log");
    const long = partitionIndexName(
      "constitutional_compliance_logs_y2025m06",
      "idx_compliance_logs_service_level",
    );
    expect(long).toMatch(/^constitutional_compliance_logs_y2025m06_idx_compliance_[0-9a-f]{8}$/);
  });

  test("fits PostgreSQL's limit, and differs for each partition", () => {
    const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 63 });
    fc.assert(
      fc.property(name, name, name, (one, other, index) => {
        expect(Buffer.byteLength(partitionIndexName(one, index))).toBeLessThanOrEqual(63);
        if (one.length === other.length && one !== other) {
          expect(partitionIndexName(one, index)).not.toBe(partitionIndexName(other, index));
        }
      }),
    );
  });
});
