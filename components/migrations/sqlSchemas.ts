import * as pulumi from "@pulumi/pulumi";
import { existsSync } from "node:fs";
import { SERVICES } from "../../lib/names.ts";
import type { Service } from "../../lib/names.ts";
import type { AppliedFile } from "./runner.ts";
import { SqlFilesError } from "./fileFaults.ts";
import { retentionSetting, type Retention } from "./retention.ts";
import type { Settings } from "./settings.ts";
import type { ClusterConnection } from "../../lib/postgres/session.ts";
import { readSqlDirectory } from "./sqlDirectory.ts";
import { SqlSchema } from "./sqlSchema.ts";

/** Where all files are applied, and the settings that they read. */
export interface SqlSchemasArgs {
  connection: ClusterConnection;
  partitions: { premakeMonths: number; retentionMonths: number; retention: Retention };
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
 * The SQL files of the platform and of every service, one schema after the other.
 *
 * @throws RunError naming every fault of every directory, before any resource is registered
 */
export function sqlSchemas(args: SqlSchemasArgs, opts: pulumi.CustomResourceOptions): SqlDeployment {
  const { premakeMonths, retentionMonths, retention } = args.partitions;
  const settings = {
    "acgs.partition_premake_months": String(premakeMonths),
    "acgs.partition_retention": retentionSetting(retentionMonths, retention),
  };
  const names = [PLATFORM, ...servicesWithSql().map((service) => service.schema)];
  const faults = names.flatMap((schema) => directoryFaults(directoryOf(schema), settings));
  // A RunError is shown without a stack trace: the operator's files are at fault, not the program.
  if (faults.length > 0) throw new pulumi.RunError(faults.join("\n"));

  const schemas: { schema: string; resource: SqlSchema }[] = [];
  for (const schema of names) {
    // One after the other: the runner's lock would make them wait for each other anyway.
    const before = schemas.at(-1)?.resource;
    const resource = new SqlSchema(
      `sql-${schema}`,
      {
        schema,
        directory: directoryOf(schema),
        settings,
        connection: args.connection,
      },
      pulumi.mergeOptions(opts, { dependsOn: before ? [before] : [] }),
    );
    schemas.push({ schema, resource });
  }
  const all = (property: "applied" | "pending"): pulumi.Output<SchemaFile[]> =>
    pulumi
      .all(schemas.map(({ resource }) => resource[property]))
      .apply((lists) =>
        lists.flatMap((files, i) => files.map((file) => ({ schema: schemas[i]!.schema, ...file }))),
      );
  return { applied: all("applied"), pending: all("pending"), last: schemas.at(-1)!.resource };
}

function directoryFaults(directory: string, settings: Settings): string[] {
  try {
    readSqlDirectory(directory, settings);
    return [];
  } catch (error) {
    if (!(error instanceof SqlFilesError)) throw error;
    return [error.message];
  }
}
