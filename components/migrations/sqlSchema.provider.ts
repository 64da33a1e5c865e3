import type * as pulumi from "@pulumi/pulumi";
import { historyFaults } from "./fileFaults.ts";
import { describeLost, filesWithLost, lostIndexes } from "./missingIndexes.ts";
import { readLedger, runSqlFiles } from "./runner.ts";
import type { AppliedFile } from "./runner.ts";
import { isUnreachable } from "../../lib/postgres/session.ts";
import type { SqlConnection } from "../../lib/postgres/session.ts";
import type { Settings } from "./settings.ts";
import type { SqlFile } from "./sqlFile.ts";
import { describedHash, describeFiles, readSqlDirectory, withHash } from "./sqlDirectory.ts";

export interface Inputs {
  schema: string;
  directory: string;
  settings: Settings;
  connection: SqlConnection;
  /** Files as previews show them, by name. */
  files: Record<string, string>;
}

export interface State extends Inputs {
  applied: AppliedFile[];
  pending: AppliedFile[];
}

/** The only way out of a provider process for progress: the engine shows its lines while it works. */
const log = (line: string): void => console.log(line);

/** @param again  files to run although they are applied: what they made is gone */
async function apply(inputs: Inputs, again: readonly string[] = []): Promise<State> {
  const { schema, directory, settings, connection } = inputs;
  const files = readSqlDirectory(directory, settings);
  const changed = changedNames(inputs.files, describeFiles(files));
  if (changed.length > 0) {
    throw new Error(
      `${directory}: changed on disk since the preview: ${changed.join(", ")}. Nothing was applied; run up again`,
    );
  }
  const { applied } = await runSqlFiles({
    connection,
    schema,
    where: directory,
    files,
    settings,
    again,
    log,
  });
  return { ...inputs, applied, pending: [] };
}

/** Files that one side has not, or that have another hash there. */
function changedNames(olds: Record<string, string>, news: Record<string, string>): string[] {
  const names = new Set([...Object.keys(olds), ...Object.keys(news)]);
  return [...names].filter((name) => hashOf(olds[name]) !== hashOf(news[name])).sort();
}

/** A description that tells no hash stands for itself. */
function hashOf(description: string | undefined): string | undefined {
  return description === undefined ? undefined : (describedHash(description) ?? description);
}

/** Faults that stop a preview: versioned files that were edited or have disappeared since they were applied. */
function pastFaults(olds: Partial<Inputs>, news: Partial<Inputs>): string[] {
  if (!isFiles(olds.files) || !isFiles(news.files) || olds.schema !== news.schema) return [];
  const hashes = (files: Record<string, string>): { name: string; sha256: string }[] =>
    Object.entries(files).map(([name, description]) => ({ name, sha256: hashOf(description) ?? "" }));
  const applied = hashes(olds.files).map(({ name, sha256 }) => ({ file: name, sha256 }));
  return historyFaults(hashes(news.files), applied);
}

/** In a preview, what is not known yet comes as a string. */
function isFiles(files: unknown): files is Record<string, string> {
  return typeof files === "object" && files !== null;
}

/** The files as the ledger tells them: what it lacks would run again, and is therefore not there. */
export function filesInLedger(files: Record<string, string>, ledger: AppliedFile[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { file, sha256 } of ledger) {
    const description = files[file];
    // A versioned file that the state does not know was applied by someone else: its absence is a fault.
    if (description !== undefined) found[file] = withHash(description, sha256);
    else if (file.startsWith("V")) found[file] = withHash("versioned, sha256 ", sha256);
  }
  return found;
}

/** Looks at files that are applied as they are on disk; the others run in any case. */
async function withLostIndexes(
  { connection, directory, settings }: State,
  files: Record<string, string>,
): Promise<Record<string, string>> {
  const applied = onDisk(directory, settings).filter(
    (file) => describedHash(files[file.name] ?? "") === file.sha256.slice(0, 12),
  );
  const lost = await lostIndexes(connection, applied);
  return Object.fromEntries(
    Object.entries(files).map(([name, description]) => [
      name,
      describeLost(
        description,
        lost.filter(({ file }) => file === name),
      ),
    ]),
  );
}

/** A refresh must work also while the files have faults: the program names those. */
function onDisk(directory: string, settings: Settings): SqlFile[] {
  try {
    return readSqlDirectory(directory, settings);
  } catch {
    return [];
  }
}

export const provider: pulumi.dynamic.ResourceProvider<Inputs, State> = {
  async check(olds, news) {
    // Without a property: the engine would put all files' values before each reason.
    const failures = pastFaults(olds, news).map((reason) => ({
      property: "",
      reason: `${news.directory}/${reason}`,
    }));
    return { inputs: news, failures };
  },

  async create(inputs) {
    return { id: `${inputs.connection.database}/${inputs.schema}`, outs: await apply(inputs) };
  },

  async update(_id, olds, news) {
    return { outs: await apply(news, filesWithLost(olds.files)) };
  },

  /**
   * Compares with the ledger: files that it lacks, or has with another hash, show as changes afterwards. So do files of
   * index builds of which an index is missing or invalid.
   */
  async read(id, state) {
    if (!state) throw new Error("SQL files cannot be imported; run up, which applies what is missing");
    const { schema, directory, settings, connection } = state;
    let ledger: AppliedFile[];
    try {
      ledger = await readLedger(connection, schema);
    } catch (error) {
      // A refresh goes on while the server is down: its state may well be what the operator wants to mend.
      if (!isUnreachable((error as Error).cause ?? error)) throw error;
      log(`${directory}: the ledger was not compared, ${(error as Error).message}`);
      return { id, props: state };
    }
    const files = await withLostIndexes(state, filesInLedger(state.files, ledger));
    const inputs = { schema, directory, settings, connection, files };
    const applied = ledger.filter(({ file }) => file in files);
    // The SDK's type takes inputs for a whole state.
    return { id, inputs: inputs as State, props: { ...inputs, applied, pending: [] } };
  },

  async delete() {
    // Objects, rows and ledger stay: no change of the program may drop a table.
  },
};
