import type * as pulumi from "@pulumi/pulumi";
import { messageOf } from "../../lib/errors.ts";
import { isUnreachable } from "../../lib/postgres/session.ts";
import type { SqlConnection } from "../../lib/postgres/session.ts";
import { findMissingIndexes } from "./missingIndexes.ts";
import { readLedger, runSqlFiles } from "./runner.ts";
import type { AppliedFile } from "./runner.ts";
import { type Poolers, withRenewedPlans } from "./renewedPlans.ts";
import { historyFaults, readSqlDirectory } from "./sqlDirectory.ts";
import type { FileInput, Settings, SqlFile } from "./sqlFile.ts";

type Files = Record<string, FileInput>;

export interface Inputs extends Poolers {
  schema: string;
  directory: string;
  settings: Settings;
  connection: SqlConnection;
  /** By name. The texts are on disk only. */
  files: Files;
}

export interface State extends Inputs {
  applied: AppliedFile[];
  pending: AppliedFile[];
}

/** The only way out of a provider process for progress: the engine shows its lines while it works. */
const log = (line: string): void => console.log(line);

/** @param force  files to run although they are applied: what they made is gone */
async function apply(inputs: Inputs, force: readonly string[] = []): Promise<State> {
  const { schema, directory: where, settings, connection } = inputs;
  const files = await readSqlDirectory(where, settings);
  const changed = changedNames(inputs.files, files);
  if (changed.length > 0) {
    throw new Error(
      `${where}: changed on disk since the preview: ${changed.join(", ")}. Nothing was applied; run up again`,
    );
  }
  const run = () => runSqlFiles({ connection, schema, where, files, settings, force, log });
  const { applied } = await withRenewedPlans(where, inputs, run);
  return { ...inputs, applied, pending: [] };
}

/** Files that the preview or the disk has not, or that have another hash there. */
function changedNames(previewed: Files, onDisk: readonly SqlFile[]): string[] {
  const hashes = new Map(onDisk.map(({ name, sha256 }) => [name, sha256]));
  const names = new Set([...Object.keys(previewed), ...hashes.keys()]);
  return [...names].filter((name) => previewed[name]?.sha256 !== hashes.get(name)).sort();
}

/** Faults that stop a preview: versioned files that were edited or have disappeared since they were applied. */
function pastFaults(olds: Partial<Inputs>, news: Partial<Inputs>): string[] {
  if (!isFiles(olds.files) || !isFiles(news.files) || olds.schema !== news.schema) return [];
  const applied = Object.entries(olds.files).map(([file, { sha256 }]) => ({ file, sha256 }));
  return historyFaults(
    Object.entries(news.files).map(([name, { sha256 }]) => ({ name, sha256 })),
    applied,
  );
}

/** Faults of files that were not applied as they are. */
function refusals(olds: Partial<Inputs>, news: Partial<Inputs>): string[] {
  if (!isFiles(news.files)) return [];
  const applied = isFiles(olds.files) && olds.schema === news.schema ? olds.files : {};
  return Object.entries(news.files).flatMap(([name, { sha256, refused = [] }]) =>
    applied[name]?.sha256 === sha256 ? [] : refused,
  );
}

function withoutRefusals(files: Files): Files {
  return Object.fromEntries(Object.entries(files).map(([name, { refused: _, ...file }]) => [name, file]));
}

/** In a preview, what is not known yet comes as a string. */
function isFiles(files: unknown): files is Files {
  return typeof files === "object" && files !== null;
}

/** The files as the ledger tells them: what it lacks would run again, and is therefore not there. */
function filesInLedger(files: Files, ledger: AppliedFile[]): Files {
  const found: Files = {};
  for (const { file, sha256 } of ledger) {
    const known = files[file];
    // A versioned file that the state does not know was applied by someone else: its absence is a fault.
    if (known !== undefined) found[file] = { ...known, sha256 };
    else if (file.startsWith("V")) found[file] = { runs: "once", mode: "one transaction", sha256 };
  }
  return found;
}

/** Looks at files that are applied as they are on disk; the others run in any case. */
async function withMissingIndexes({ connection, directory, settings }: State, files: Files): Promise<Files> {
  // A refresh must work also while the files have faults, which the program names. What an earlier one found stays then.
  const onDisk = await readSqlDirectory(directory, settings).catch((error: unknown) => {
    log(`${directory}: its indexes were not compared, ${messageOf(error)}`);
    return undefined;
  });
  if (onDisk === undefined) return files;
  const applied = onDisk.filter(({ name, sha256 }) => files[name]?.sha256 === sha256);
  const missing = await findMissingIndexes(connection, applied);
  return Object.fromEntries(
    Object.entries(files).map(([name, { missingIndexes: _, invalidIndexes: __, ...file }]) => [
      name,
      { ...file, ...missing.get(name) },
    ]),
  );
}

/** The files that are to run again, because a refresh has not found what they made. */
function filesToForce(files: Files): string[] {
  return Object.keys(files).filter((name) => files[name]!.missingIndexes ?? files[name]!.invalidIndexes);
}

export const provider: pulumi.dynamic.ResourceProvider<Inputs, State> = {
  async check(olds, news) {
    // Without a property: the engine would put all files' values before each reason.
    const failures = [...pastFaults(olds, news), ...refusals(olds, news)].map((reason) => ({
      property: "",
      reason: `${news.directory}/${reason}`,
    }));
    const inputs = isFiles(news.files) ? { ...news, files: withoutRefusals(news.files) } : news;
    return { inputs, failures };
  },

  async create(inputs) {
    return { id: `${inputs.connection.database}/${inputs.schema}`, outs: await apply(inputs) };
  },

  async update(_id, olds, news) {
    return { outs: await apply(news, filesToForce(olds.files)) };
  },

  /**
   * Compares with the ledger: files that it lacks, or has with another hash, show as changes afterwards. So do files of
   * index builds of which an index is missing or invalid.
   */
  async read(id, state) {
    if (!state) throw new Error("SQL files cannot be imported; run up, which applies what is missing");
    const { schema, directory, settings, connection, poolers, poolerPasswords } = state;
    let ledger: AppliedFile[];
    try {
      ledger = await readLedger(connection, schema);
    } catch (error) {
      // A refresh goes on while the server is down: its state may well be what the operator wants to mend.
      if (!isUnreachable((error as Error).cause ?? error)) throw error;
      log(`${directory}: the ledger was not compared, ${(error as Error).message}`);
      return { id, props: state };
    }
    const files = await withMissingIndexes(state, filesInLedger(state.files, ledger));
    const inputs = { schema, directory, settings, connection, poolers, poolerPasswords, files };
    const applied = ledger.filter(({ file }) => file in files);
    // The SDK's type takes inputs for a whole state.
    return { id, inputs: inputs as State, props: { ...inputs, applied, pending: [] } };
  },

  async delete() {
    // Objects, rows and ledger stay: no change of the program may drop a table.
  },
};
