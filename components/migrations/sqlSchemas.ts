import * as pulumi from "@pulumi/pulumi";
import { existsSync } from "node:fs";
import { SERVICES } from "../../lib/names.ts";
import type { Service } from "../../lib/names.ts";
import type { AppliedFile } from "./runner.ts";
import { retentionSetting, type Retention } from "./retention.ts";
import { readSqlDirectory, SqlFilesError } from "./sqlDirectory.ts";
import { settingsReadBy } from "./sqlFile.ts";
import type { Settings, SqlFile } from "./sqlFile.ts";
import { SqlSchema, type SqlSchemaArgs } from "./sqlSchema.ts";

/** How many monthly partitions are made ahead and kept. */
export interface Partitions {
  premakeMonths: number;
  retentionMonths: number;
  retention: Retention;
}

/** The files of one schema, and the settings that they read. */
export interface SchemaFiles {
  schema: string;
  directory: string;
  settings: Settings;
  files: SqlFile[];
}

/** An applied or pending file with its schema, as the stack puts it out. */
export type SchemaFile = AppliedFile & { schema: string };

/** What the stack puts out of its SQL files. */
export interface SqlDeployment {
  applied: pulumi.Output<SchemaFile[]>;
  pending: pulumi.Output<SchemaFile[]>;
  /** The last one: when it is there, all files are applied. */
  last: SqlSchema;
}

/** Extensions' settings, the ledger's neighbours and what all schemas share: before any service's files. */
const PLATFORM = "platform";

const directoryOf = (schema: string): string => `sql/${schema}`;

/** The services for which there are SQL files, in the order in which these are applied. */
export function servicesWithSql(): Service[] {
  return SERVICES.filter(({ schema }) => existsSync(directoryOf(schema)));
}

/**
 * Reads the SQL files of the platform and of every service, in the order in which they are applied.
 *
 * @throws RunError naming every fault of every directory
 */
export async function readSqlSchemas(partitions: Partitions): Promise<SchemaFiles[]> {
  const faults: string[] = [];
  const read: SchemaFiles[] = [];
  for (const schema of [PLATFORM, ...servicesWithSql().map((service) => service.schema)]) {
    const directory = directoryOf(schema);
    const all = settingsFor(schema, partitions);
    try {
      const files = await readSqlDirectory(directory, all);
      read.push({ schema, directory, settings: settingsReadBy(files, all), files });
    } catch (error) {
      if (!(error instanceof SqlFilesError)) throw error;
      faults.push(error.message);
    }
  }
  // A RunError is shown without a stack trace: the operator's files are at fault, not the program.
  if (faults.length > 0) throw new pulumi.RunError(faults.join("\n"));
  return read;
}

function settingsFor(schema: string, { premakeMonths, retentionMonths, retention }: Partitions): Settings {
  return {
    "acgs.partition_premake_months": String(premakeMonths),
    "acgs.partition_retention": retentionSetting(retentionMonths, retention, schema),
  };
}

/** Applies the files of all schemas, one schema after the other. */
export function sqlSchemas(
  schemas: readonly SchemaFiles[],
  target: Pick<SqlSchemaArgs, "connection" | "poolers" | "poolerPasswords">,
  opts: pulumi.CustomResourceOptions,
): SqlDeployment {
  const resources: SqlSchema[] = [];
  for (const args of schemas) {
    // The runner's lock would make them wait for each other anyway.
    const dependsOn = resources.slice(-1);
    const options = pulumi.mergeOptions(opts, { dependsOn });
    resources.push(new SqlSchema(`sql-${args.schema}`, { ...args, ...target }, options));
  }
  const all = (property: "applied" | "pending"): pulumi.Output<SchemaFile[]> =>
    pulumi
      .all(resources.map((resource) => resource[property]))
      .apply((lists) =>
        lists.flatMap((files, i) => files.map((file) => ({ schema: schemas[i]!.schema, ...file }))),
      );
  return { applied: all("applied"), pending: all("pending"), last: resources.at(-1)! };
}
