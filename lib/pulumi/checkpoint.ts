import { copyFileSync, existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { UserError } from "../errors.ts";
import { say } from "../progress.ts";

/** What a state's file holds, by its text. */
export function judgeCheckpoint(text: string): "whole" | "empty" | "broken" {
  if (text.trim() === "") return "empty";
  try {
    const { checkpoint } = JSON.parse(text) as { checkpoint?: unknown };
    return typeof checkpoint === "object" && checkpoint !== null ? "whole" : "broken";
  } catch {
    return "broken";
  }
}

/**
 * Sees to it that a state's file can be read. Pulumi replaces it in one step, so a kill never leaves half of it; a power
 * cut or a full disk may. Then the copy that Pulumi keeps of the state before takes its place: the last step is
 * missing in it, which is what an interrupted run looks like too.
 *
 * @throws Fault when there is no copy either
 */
export function repairCheckpoint(file: string, stack: string): void {
  const judge = (path: string) =>
    existsSync(path) ? judgeCheckpoint(readFileSync(path, "utf8")) : undefined;
  const found = judge(file);
  if (found === undefined || found === "whole") return;
  const backup = `${file}.bak`;
  if (judge(backup) === "whole") {
    const aside = `${file}.broken-${Date.now()}`;
    renameSync(file, aside);
    copyFileSync(backup, file);
    say(`› ${stack}: the state's file could not be read; its backup takes its place (the old one: ${aside})`);
  } else if (found === "empty" && !existsSync(backup)) {
    // Interrupted when it was made: nothing was ever brought up.
    rmSync(file);
  } else {
    throw new UserError(
      `The state of stack ${stack} cannot be read: ${file} is damaged, and so is ${backup}. Put a backup of the state in ` +
        `its place; Pulumi keeps earlier ones beside it, in .pulumi/backups and .pulumi/history.`,
    );
  }
}
