import * as pulumi from "@pulumi/pulumi";
import { ProjectResource } from "../../lib/dynamic.ts";
import type { AppliedFile } from "./runner.ts";
import type { PgBouncerInstance } from "../../lib/pgbouncerConsole.ts";
import type { ClusterConnection } from "../../lib/postgres/session.ts";
import type { Trusting } from "../../lib/trust.ts";
import { fileInputs } from "./sqlFile.ts";
import type { Settings, SqlFile } from "./sqlFile.ts";

/** The files of one schema, and where they are applied. */
export interface SqlSchemaArgs {
  /** The ledger's key, and in most cases the schema that the files fill. A change runs all files again. */
  schema: string;
  /** The files' directory from the project's root, such as `sql/dgm`. */
  directory: string;
  /** What is in it, as `readSqlDirectory` gives it. */
  files: readonly SqlFile[];
  /** What the files read by `current_setting('acgs.…')`. A change runs the repeatable files again that name it. */
  settings: Settings;
  /** One of the members is the primary. */
  connection: ClusterConnection;
  /** Whose clients may have prepared statements on what the files change. */
  poolers: Record<string, Trusting<PgBouncerInstance>>;
  /** Of PgBouncer's console: all that may be valid, the one to use first. */
  poolerPasswords: pulumi.Input<readonly string[]>;
}

/**
 * The SQL files of one schema, applied and kept in the ledger `deploy.ledger`.
 *
 * A preview shows each file with how it runs, what it locks and its hash, so it lists exactly what would run. A
 * file that fails is tried again by the next update; what was applied before it is not run again. PgBouncer replaces its
 * server connections afterwards, so that prepared statements go on. Deleting the resource touches neither data nor ledger.
 */
export class SqlSchema extends ProjectResource {
  /** All applied files in the order of their first run, with their whole SHA-256. */
  declare readonly applied: pulumi.Output<AppliedFile[]>;
  /** Files that are not applied; empty after an update that succeeded. */
  declare readonly pending: pulumi.Output<AppliedFile[]>;

  constructor(name: string, args: SqlSchemaArgs, opts?: pulumi.CustomResourceOptions) {
    const inputs = {
      ...args,
      files: fileInputs(args.files),
      poolerPasswords: pulumi.secret(args.poolerPasswords),
      applied: undefined,
      pending: undefined,
    };
    const secrets = { additionalSecretOutputs: ["poolerPasswords"] };
    super("SqlSchema", name, inputs, pulumi.mergeOptions(opts, secrets));
  }
}
