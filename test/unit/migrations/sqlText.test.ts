import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { letsWritersPass, parseIndexStatement } from "../../../components/migrations/indexStatement.ts";
import { pauseAfter, DEFAULT_RETRY, withRetries } from "../../../components/migrations/retry.ts";
import { caret, offsetOfCharacter, positionOf } from "../../../components/migrations/sourcePosition.ts";
import { splitStatements } from "../../../components/migrations/sqlStatements.ts";
import { tokenize, UnterminatedError } from "../../../components/migrations/sqlTokens.ts";
import { anyStatements } from "./sqlArbitraries.ts";

const split = (text: string): string[] => splitStatements(text).map((statement) => statement.text);

describe("splitting into statements", () => {
  test("gives back what was joined, whatever strings, names and comments hold", () => {
    fc.assert(
      fc.property(anyStatements, ({ text, statements }) => {
        expect(split(text)).toEqual(statements);
      }),
      { numRuns: 2_000 },
    );
  });

  test("says where each statement starts", () => {
    fc.assert(
      fc.property(anyStatements, ({ text }) => {
        for (const statement of splitStatements(text)) {
          expect(text.slice(statement.start).startsWith(statement.text)).toBe(true);
          for (const token of statement.tokens) expect(text.slice(token.start, token.end)).toBe(token.text);
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
    [`SELECT U&"d;\\0061", u&'\\;'; SELECT 2`, [`SELECT U&"d;\\0061", u&'\\;'`, "SELECT 2"]],
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
    ["SELECT 1 AS atomic; SELECT 2", ["SELECT 1 AS atomic", "SELECT 2"]],
  ])("%j", (text, expected) => {
    expect(split(text)).toEqual(expected);
  });

  test.each([
    ["SELECT 'a", "a string", 7],
    ["SELECT E'a\\'", "a string", 7],
    ['SELECT "a', "a quoted name", 7],
    ["SELECT $x$ $y$", "a dollar quote $x$", 7],
    ["SELECT 1 /* /* */", "a block comment", 9],
  ])("refuses %j", (text, what, offset) => {
    try {
      tokenize(text);
      expect.fail("it was taken");
    } catch (error) {
      expect(error).toBeInstanceOf(UnterminatedError);
      expect(error).toMatchObject({ message: `${what} is opened here and never closed`, offset });
    }
  });
});

describe("a concurrent index statement", () => {
  const parse = (text: string) => parseIndexStatement(splitStatements(text)[0]!);

  test("is taken apart: name, table and definition", () => {
    const text = 'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS Idx_A ON dgm . "T;" USING btree (a) WHERE b';
    expect(parse(`-- why\n${text};`)).toEqual({
      unique: true,
      name: "idx_a",
      table: 'dgm . "T;"',
      definition: "USING btree (a) WHERE b",
      definitionStart: 7 + text.indexOf("USING"),
    });
    expect(parse('create index concurrently "I""x" on t(a)')).toMatchObject({
      unique: false,
      name: 'I"x',
      table: "t",
      definition: "(a)",
    });
  });

  test.each([
    "CREATE INDEX i ON t (a)",
    "CREATE INDEX CONCURRENTLY ON t (a)",
    "CREATE INDEX CONCURRENTLY i ON ONLY t (a)",
    "SELECT 1",
  ])("is not %s", (text) => expect(parse(text)).toBeUndefined());

  test.each([
    ["CREATE INDEX CONCURRENTLY i ON t (a)", true],
    ["DROP INDEX CONCURRENTLY i", true],
    ["REINDEX INDEX CONCURRENTLY i", true],
    ["REFRESH MATERIALIZED VIEW CONCURRENTLY v", true],
    // At its end it locks the partition against everything: it must not wait for that for long.
    ["ALTER TABLE p DETACH PARTITION q CONCURRENTLY", false],
    ["ALTER TABLE t VALIDATE CONSTRAINT c", false],
  ])("may wait for long: %s", (text, patient) => {
    expect(letsWritersPass(splitStatements(text)[0]!)).toBe(patient);
  });
});

describe("spots", () => {
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
