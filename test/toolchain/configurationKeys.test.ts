import { symlink } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { projectDir } from "../../lib/paths.ts";
import { add, get, inContainer, set, versions } from "../sql/dgm/settings.ts";
import { startAppliedDatabase, type StackDatabase } from "../../testing/sqlServer.ts";
import { ENGINE } from "../../testing/images.ts";
import { KEYS_FILE } from "../../components/security/configurationKeyFiles.provider.ts";
import { Project } from "./project.ts";

// The two resources of the keys under a real engine, against a real server: what a stack does with them, in a tenth of
// its time.
let database: StackDatabase;
let project: Project;
let admin: pg.Client;
let service: pg.Client;

beforeAll(async () => {
  database = await startAppliedDatabase("dgm");
  admin = await database.connect();
  service = await database.connect("dgm_service");
  project = await Project.create();
  // Providers are loaded from the project's folder.
  await symlink(join(projectDir, "components"), join(project.directory, "components"));
});
afterAll(async () => {
  await project?.remove();
  await database?.stop();
});

const program = (version: number, name = database.connection.database): string => `
  import { ConfigurationKeyFiles } from ${JSON.stringify(join(projectDir, "components/security/configurationKeyFiles.ts"))};
  import { ConfigurationKeys } from ${JSON.stringify(join(projectDir, "components/security/configurationKeys.ts"))};
  const { keys } = new ConfigurationKeys("configuration-keys", { version: ${version} });
  const members = { "postgres-1": ${JSON.stringify({ docker: ENGINE, container: database.container })} };
  const connection = { database: ${JSON.stringify(name)}, members };
  new ConfigurationKeyFiles("configuration-key-files", { keys, version: ${version}, connection });`;
const keysOnMember = async () =>
  JSON.parse(await inContainer(database, "cat", KEYS_FILE)) as {
    active: number;
    keys: Record<string, string>;
  };

test("keys are made, rotated and kept, and no update but a new version touches them", async () => {
  await project.program(program(1));
  expect(await project.up()).toMatchObject({ succeeded: true });
  expect(await project.preview()).toEqual([]);
  const first = await keysOnMember();
  expect(first).toEqual({ active: 1, keys: { 1: expect.stringMatching(/^[0-9a-f]{64}$/) as string } });
  await add(service, "t.secret", "value");

  await project.program(program(2));
  const planned = await project.preview();
  expect(planned.map(({ op, name }) => `${op} ${name}`)).toEqual([
    "update configuration-keys",
    "update configuration-key-files",
  ]);
  for (const { properties } of planned) expect(properties).toMatchObject({ version: "update" });
  const up = await project.up();
  expect(up).toMatchObject({ succeeded: true });
  const second = await keysOnMember();
  expect([second.active, Object.keys(second.keys)]).toEqual([2, ["2"]]);
  expect(await versions(admin)).toEqual([["t.secret", 2]]);
  expect(await get(service, "t.secret")).toBe("value");
  expect(await project.preview()).toEqual([]);

  // Encrypted in the state, and in nothing that was printed.
  const printed = up.output + JSON.stringify(planned) + (await project.state());
  for (const key of [first.keys[1]!, second.keys[2]!]) expect(printed.includes(key)).toBe(false);
});

test("an update that breaks off loses no key, and the next one goes on", async () => {
  const before = await keysOnMember();
  await project.program(program(3, "no_such_database"));
  const broken = await project.up();
  expect(broken.succeeded).toBe(false);
  expect(broken.output).toContain("Sensitive settings were not encrypted with the newest key");
  const between = await keysOnMember();
  expect(between).toMatchObject({ active: 3, keys: before.keys });
  expect(await get(service, "t.secret")).toBe("value");
  await set(service, "t.secret", "written meanwhile");

  await project.program(program(3));
  expect(await project.up()).toMatchObject({ succeeded: true });
  expect(await keysOnMember()).toEqual({ active: 3, keys: { 3: between.keys[3] } });
  expect(await get(service, "t.secret")).toBe("written meanwhile");
});

test("a file that is gone is found by a refresh and written again", async () => {
  const keys = await keysOnMember();
  await inContainer(database, "rm", KEYS_FILE);
  expect(await project.pulumi("refresh", "--yes", "--skip-preview", "--stack", "test")).toMatchObject({
    succeeded: true,
  });
  expect((await project.preview()).map(({ op, name }) => `${op} ${name}`)).toEqual([
    "update configuration-key-files",
  ]);
  expect(await project.up()).toMatchObject({ succeeded: true });
  expect(await keysOnMember()).toEqual(keys);
});

test("a version does not go back", async () => {
  await project.program(program(2));
  const refused = await project.up();
  expect(refused.succeeded).toBe(false);
  expect(refused.output).toContain(
    "acgs-db:secrets.configurationKey is 3 in the running stack and cannot go back to 2",
  );
});
