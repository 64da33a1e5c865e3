import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SERVICE_SCHEMAS } from "../../lib/names.ts";
import { startAppliedDatabase } from "../../testing/sqlServer.ts";
import { prepareExamples } from "./examples/prepare.ts";
import { schemaPages } from "./pages.ts";
import { SEED_QUERIES } from "./seedQueries/index.ts";
import { PlanFault } from "./plans/prove.ts";

/** `npm run docs:schema [-- --check]`: writes the pages, or says which are not as the server tells it. */
const check = process.argv.includes("--check");
const docs = join(import.meta.dirname, "..");

async function generate(): Promise<Map<string, string>> {
  const database = await startAppliedDatabase(...SERVICE_SCHEMAS);
  try {
    await prepareExamples(database, SERVICE_SCHEMAS);
    return await schemaPages(database, SEED_QUERIES);
  } finally {
    await database.stop();
  }
}

/** Files of the pages that are there; those of schemas that are gone, too. */
async function present(): Promise<string[]> {
  const inFolder = await readdir(join(docs, "schema")).catch(() => []);
  return ["schema.md", ...inFolder.map((file) => `schema/${file}`)];
}

try {
  const pages = await generate();
  const changed: string[] = [];
  for (const [file, page] of pages) {
    const old = await readFile(join(docs, file), "utf8").catch(() => undefined);
    if (old === page) continue;
    changed.push(file);
    if (check) continue;
    await mkdir(join(docs, "schema"), { recursive: true });
    await writeFile(join(docs, file), page);
  }
  for (const file of (await present()).filter((one) => !pages.has(one))) {
    changed.push(file);
    if (!check) await rm(join(docs, file), { force: true });
  }
  const count = `${pages.size} pages, ${SEED_QUERIES.length} queries proven`;
  const list = changed.map((file) => `docs/${file}`).join(", ");
  if (changed.length === 0) console.log(`${count}: nothing has changed.`);
  else if (check) console.log(`${count}. Not as the server tells it: ${list}. Run: npm run docs:schema`);
  else console.log(`${count}. Written: ${list}`);
  process.exitCode = check && changed.length > 0 ? 1 : 0;
} catch (error) {
  console.error(error instanceof PlanFault ? error.message : error);
  process.exitCode = 1;
}
