import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../../..");

/** One import that each rule forbids: the importing file, and what it imports. */
const FORBIDDEN: Record<string, [from: string, to: string][]> = {
  "lib-imports-floors-below": [["lib/a.ts", "components/b.ts"]],
  "components-imports-floors-below": [["components/a.ts", "operations/b.ts"]],
  "setup-imports-floors-below": [["setup/a.ts", "components/b.ts"]],
  "policy-imports-floors-below": [["policy/a.ts", "operations/b.ts"]],
  "operations-imports-floors-below": [["operations/a.ts", "cli/b.ts"]],
  "only-tests-import-tests": [["bench/a.ts", "test/b.ts"]],
  "only-tests-bench-and-docs-import-testing": [["cli/a.ts", "testing/b.ts"]],
  "no-circles": [
    ["cli/a.ts", "cli/b.ts"],
    ["cli/b.ts", "cli/a.ts"],
  ],
};

test.each(Object.entries(FORBIDDEN))(
  "lint refuses what %s forbids, and nothing else",
  async (rule, imports) => {
    expect(await brokenRules(imports)).toEqual([rule]);
  },
);

test("lint accepts imports of the floors below", async () => {
  expect(
    await brokenRules([
      ["components/a.ts", "lib/b.ts"],
      ["operations/a.ts", "components/b.ts"],
      ["cli/a.ts", "operations/b.ts"],
      ["test/a.ts", "cli/b.ts"],
      ["docs/a.ts", "testing/b.ts"],
    ]),
  ).toEqual([]);
});

test("every rule of the configuration is broken once here", async () => {
  const { default: configuration } = (await import(join(root, ".dependency-cruiser.cjs"))) as {
    default: { forbidden: { name: string }[] };
  };
  expect(configuration.forbidden.map(({ name }) => name).sort()).toEqual(Object.keys(FORBIDDEN).sort());
});

/** The rules that a tree with nothing but these imports breaks. */
async function brokenRules(imports: readonly [from: string, to: string][]): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), "acgs-imports-"));
  try {
    const files = new Map(imports.flat().map((file) => [file, ["export const one = 1;"]]));
    for (const [from, to] of imports) files.get(from)!.unshift(`import "../${to}";`);
    for (const [file, lines] of files) {
      await mkdir(dirname(join(directory, file)), { recursive: true });
      await writeFile(join(directory, file), `${lines.join("\n")}\n`);
    }
    await writeFile(
      join(directory, "tsconfig.json"),
      '{ "compilerOptions": { "allowImportingTsExtensions": true } }',
    );
    const folders = [...new Set([...files.keys()].map((file) => file.split("/")[0]!))];
    return await cruise(directory, folders);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function cruise(directory: string, folders: readonly string[]): Promise<string[]> {
  const program = join(root, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
  const args = [
    program,
    "--config",
    join(root, ".dependency-cruiser.cjs"),
    "--output-type",
    "json",
    ...folders,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: directory }).catch(
    (error: { stdout: string }) => error,
  );
  const { summary } = JSON.parse(stdout) as { summary: { violations: { rule: { name: string } }[] } };
  return [...new Set(summary.violations.map(({ rule }) => rule.name))].sort();
}
