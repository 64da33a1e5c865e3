import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseIndexStatement } from "../../../components/migrations/indexStatement.ts";
import { DEFAULT_RETRY, withRetries } from "../../../components/migrations/retry.ts";
import { pauseAfter } from "../../../lib/wait.ts";
import { parseSql, SqlSyntaxError } from "../../../lib/sqlParser.ts";
import { caret, offsetOfCharacter, positionOf } from "../../../lib/text/sourcePosition.ts";
import { anyStatements } from "./sqlArbitraries.ts";

const split = async (text: string): Promise<string[]> =>
  (await parseSql(text)).map((statement) => statement.text);

describe("splitting into statements", () => {
  test("gives back what was joined, whatever strings, names and comments hold", async () => {
    await fc.assert(
      fc.asyncProperty(anyStatements, async ({ text, statements }) => {
        expect(await split(text)).toEqual(statements);
      }),
      { numRuns: 2_000 },
    );
  });

  test("says where each statement starts, in UTF-16 units and in bytes", async () => {
    await fc.assert(
      fc.asyncProperty(anyStatements, async ({ text }) => {
        for (const statement of await parseSql(text)) {
          expect(text.slice(statement.start).startsWith(statement.text)).toBe(true);
          expect(statement.startByte).toBe(Buffer.byteLength(text.slice(0, statement.start)));
        }
      }),
    );
  });

  test.each([
    ["SELECT 1; SELECT 2", ["SELECT 1", "SELECT 2"]],
    [" ;; \n;", []],
    ["SELECT ';' -- ;\n, /* ; /* ; */ ; */ 2;", ["SELECT ';' -- ;\n, /* ; /* ; */ ; */ 2"]],
    ["SELECT $$;$$, $a$;$$;$a$; SELECT 2", ["SELECT $$;$$, $a$;$$;$a$", "SELECT 2"]],
    ["SELECT a$b$ FROM t; SELECT $1", ["SELECT a$b$ FROM t", "SELECT $1"]],
    [String.raw`SELECT E'\';', '\'; SELECT 2`, [String.raw`SELECT E'\';', '\'`, "SELECT 2"]],
    [
      String.raw`SELECT E'a'` + "\n  " + String.raw`'\';b'; SELECT 2`,
      [String.raw`SELECT E'a'` + "\n  " + String.raw`'\';b'`, "SELECT 2"],
    ],
    [`SELECT U&"d;\\0061", u&'\\0027;'; SELECT 2`, [`SELECT U&"d;\\0061", u&'\\0027;'`, "SELECT 2"]],
    [
      "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3",
      ["CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)", "SELECT 3"],
    ],
    [
      "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3",
      [
        "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
        "SELECT 3",
      ],
    ],
    [
      "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT b.end, b.case FROM (SELECT 1 AS end, 2 AS case) b; END; SELECT 3",
      [
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT b.end, b.case FROM (SELECT 1 AS end, 2 AS case) b; END",
        "SELECT 3",
      ],
    ],
    ["SELECT 1 AS atomic; SELECT 2", ["SELECT 1 AS atomic", "SELECT 2"]],
  ])("%j", async (text, expected) => {
    expect(await split(text)).toEqual(expected);
  });

  test.each([
    ["SELECT 'a", `unterminated quoted string at or near "'a"`, 7],
    ["SELECT E'a\\'", `unterminated quoted string at or near "E'a\\'"`, 7],
    ['SELECT "a', `unterminated quoted identifier at or near ""a"`, 7],
    ["SELECT $x$ $y$", `unterminated dollar-quoted string at or near "$x$ $y$"`, 7],
    ["SELECT 1 /* /* */", `unterminated /* comment at or near "/* /* */"`, 9],
    ["SELECT 'é😀', 'a\nb", `unterminated quoted string at or near "'a…`, 14],
    ["SELECT 'é😀' FROM ; SELECT 2", `syntax error at or near ";"`, 18],
    ["SELECT 1 +\n\n", "syntax error at end of input", 10],
    ["\\set x 1", `syntax error at or near "\\"`, 0],
  ])("refuses %j", async (text, message, offset) => {
    const error = await parseSql(text).catch((refused: unknown) => refused);
    expect(error).toBeInstanceOf(SqlSyntaxError);
    expect(error).toMatchObject({ message, offset });
  });
});

describe("a concurrent index statement", () => {
  const parse = async (text: string) => parseIndexStatement((await parseSql(text))[0]!);

  test("is taken apart: name, table and definition", async () => {
    const text = 'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS Idx_A ON dgm . "T;" USING btree (a) WHERE b';
    expect(await parse(`-- whý 😀\n${text};`)).toEqual({
      unique: true,
      name: "idx_a",
      table: 'dgm."T;"',
      definition: "USING btree (a) WHERE b",
      definitionStart: 10 + text.indexOf("USING"),
    });
    expect(await parse('create index concurrently "I""x" on t(a)')).toMatchObject({
      unique: false,
      name: 'I"x',
      table: "t",
      definition: "(a)",
    });
  });

  test("has the names that the server keeps: capitals beyond ASCII, and no more than 63 bytes", async () => {
    const long = "É".repeat(40);
    expect(await parse(`CREATE INDEX CONCURRENTLY Idx_Über${long} ON a.T${long} (a)`)).toMatchObject({
      name: `idx_Über${"É".repeat(27)}`,
      table: `a."t${"É".repeat(31)}"`,
      definition: "(a)",
    });
  });

  test.each([
    "CREATE INDEX i ON t (a)",
    "CREATE INDEX CONCURRENTLY ON t (a)",
    "CREATE INDEX CONCURRENTLY i ON ONLY t (a)",
    "SELECT 1",
    // A name that can be written in other ways than the parser gives it back is not taken for another.
    'CREATE INDEX CONCURRENTLY i ON a . /* b */ "t" (a)',
    'CREATE INDEX CONCURRENTLY i ON U&"\\0074" (a)',
  ])("is not %s", async (text) => expect(await parse(text)).toBeUndefined());
});

describe("places in a text", () => {
  test("a character's offset and its line and column fit each other", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "é", "😀", "\n", "\t") }), fc.nat(), (text, n) => {
        const characters = Array.from(text);
        const at = n % (characters.length + 1);
        const offset = offsetOfCharacter(text, at + 1);
        expect(text.slice(0, offset)).toBe(characters.slice(0, at).join(""));
        const { line, column } = positionOf(text, offset);
        expect(
          Array.from(text.split("\n")[line - 1]!)
            .slice(0, column - 1)
            .join(""),
        ).toBe(text.slice(0, offset).split("\n").at(-1));
      }),
    );
  });

  test("the caret stands under its character, behind tabs and in long lines too", () => {
    expect(caret("a\n\tb c", { line: 2, column: 4 })).toBe("2 | \tb c\n    \t  ^");
    const [shown, mark] = caret(`${"x".repeat(200)}!${"y".repeat(200)}`, { line: 1, column: 201 }).split(
      "\n",
    );
    expect(shown).toHaveLength("1 | ".length + 142);
    expect(shown![mark!.indexOf("^")]).toBe("!");
  });
});

describe("retries", () => {
  const policy = { ...DEFAULT_RETRY, attempts: 3, firstPauseMs: 1, longestPauseMs: 2 };
  const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));

  test("pauses double up to the longest, less up to a fifth", () => {
    const pauses = [1, 2, 3, 7, 12].map((attempt) => pauseAfter(attempt, DEFAULT_RETRY, 0));
    expect(pauses).toEqual([500, 1_000, 2_000, 30_000, 30_000]);
    expect(pauseAfter(1, DEFAULT_RETRY, 1)).toBe(400);
  });

  test.each([
    ["55P03", 2],
    ["40P01", 2],
    ["42P01", 0],
  ])("%s is tried again %i times", async (code, times) => {
    let told = 0;
    await expect(withRetries(policy, failing(code), async () => void told++)).rejects.toThrow(code);
    expect(told).toBe(times);
  });
});
