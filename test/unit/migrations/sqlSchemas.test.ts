import * as pulumi from "@pulumi/pulumi";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readSqlSchemas, servicesWithSql, sqlSchemas } from "../../../components/migrations/sqlSchemas.ts";
import type { Partitions } from "../../../components/migrations/sqlSchemas.ts";
import { sha256 } from "../../../components/migrations/sqlFile.ts";
import { recordRegistrations, valueOf } from "../../support/mocks.ts";

const home = process.cwd();
let project: string;
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "acgs-unit-"));
  process.chdir(project);
});
afterEach(async () => {
  process.chdir(home);
  await rm(project, { recursive: true });
});

async function files(contents: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(contents)) {
    await mkdir(join(project, "sql", path, ".."), { recursive: true });
    await writeFile(join(project, "sql", path), text);
  }
}

const connection = {
  database: "acgs_db",
  members: { "postgres-1": { docker: "unix:///d.sock", container: "c" } },
};
const partitions: Partitions = {
  premakeMonths: 6,
  retentionMonths: 12,
  retention: { "pgc.policy_decisions": 24 },
};

test("one resource for the platform and each service that has SQL, in the services' order", async () => {
  await files({
    "dgm/V001__b.sql": "SELECT 1",
    "platform/V001__a.sql": "CREATE TABLE platform.t ()",
    "auth/R__c.sql": "-- acgs: concurrent\nSELECT 1",
    "auth/README.md": "",
  });
  const { registrations, ready } = recordRegistrations(({ name }) => ({
    applied: [{ file: `of ${name}`, sha256: "0" }],
    pending: [],
  }));
  await ready;
  expect(servicesWithSql().map(({ schema }) => schema)).toEqual(["auth", "dgm"]);
  const deployment = sqlSchemas(
    await readSqlSchemas(partitions),
    { connection, poolers: {}, poolerPasswords: ["password-of-the-console"] },
    {},
  );
  expect(await valueOf(deployment.applied)).toEqual([
    { schema: "platform", file: "of sql-platform", sha256: "0" },
    { schema: "auth", file: "of sql-auth", sha256: "0" },
    { schema: "dgm", file: "of sql-dgm", sha256: "0" },
  ]);
  expect(await valueOf(deployment.pending)).toEqual([]);
  expect(registrations.map(({ type, name }) => [type, name])).toEqual(
    ["sql-platform", "sql-auth", "sql-dgm"].map((name) => ["pulumi-nodejs:dynamic/acgs:SqlSchema", name]),
  );
  const { __provider, ...inputs } = registrations[0]!.inputs;
  expect(__provider).toContain('providers["SqlSchema"]');
  expect(inputs).toMatchObject({
    schema: "platform",
    directory: "sql/platform",
    connection,
    settings: {},
    files: {
      "V001__a.sql": {
        runs: "once",
        mode: "one transaction",
        sha256: sha256("CREATE TABLE platform.t ()"),
      },
    },
  });
  expect(await pulumi.isSecret(deployment.last.applied)).toBe(false);
});

test("another value of a setting changes the schemas whose files read it, and these files alone", async () => {
  const retention = "SELECT current_setting('acgs.partition_retention')";
  await files({
    "platform/R__other.sql": "SELECT 1",
    "integrity/R__reads.sql": retention,
    "pgc/R__reads.sql": `${retention}, current_setting('acgs.partition_premake_months')`,
    "pgc/R__other.sql": "SELECT 1",
  });
  const before = { ...partitions, retention: { "pgc.policy_decisions": 24 } };
  const read = await readSqlSchemas(before);
  const changes = async (change: Partial<Partitions>): Promise<string[]> =>
    (await readSqlSchemas({ ...before, ...change })).flatMap(({ schema, settings, files }, i) => [
      ...(isDeepStrictEqual(settings, read[i]!.settings) ? [] : [schema]),
      ...files
        .filter((file, j) => file.sha256 !== read[i]!.files[j]!.sha256)
        .map(({ name }) => `${schema}/${name}`),
    ]);
  expect(read.map(({ settings }) => settings)).toEqual([
    {},
    { "acgs.partition_retention": '{"default":12,"integrity.audit_logs":null}' },
    {
      "acgs.partition_premake_months": "6",
      "acgs.partition_retention": '{"default":12,"pgc.policy_decisions":24}',
    },
  ]);
  expect(await changes({})).toEqual([]);
  expect(await changes({ retention: { "pgc.policy_decisions": 36 } })).toEqual(["pgc", "pgc/R__reads.sql"]);
  expect(await changes({ premakeMonths: 7 })).toEqual(["pgc", "pgc/R__reads.sql"]);
  expect(await changes({ retentionMonths: 13 })).toEqual([
    "integrity",
    "integrity/R__reads.sql",
    "pgc",
    "pgc/R__reads.sql",
  ]);
});

test("the faults of all directories are named at once, and nothing is registered", async () => {
  await files({ "platform/V002__a.sql": "SELECT 1", "dgm/R__b.sql": "", "ec/R__c.sql": "SELECT 1" });
  const { registrations, ready } = recordRegistrations();
  await ready;
  await expect(readSqlSchemas(partitions)).rejects.toThrow(
    new pulumi.RunError(
      "sql/platform: 1 fault, nothing was applied\n" +
        "  - V001 is missing before V002__a.sql: restore it, or number the files without a gap\n" +
        "sql/dgm: 1 fault, nothing was applied\n" +
        "  - R__b.sql: holds no statement",
    ),
  );
  expect(registrations).toEqual([]);
});
