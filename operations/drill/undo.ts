import { messageOf } from "../../lib/errors.ts";

/** What has to be undone of a fault: registered before it is done, so that nothing stays when the drill is cut off. */
export class Undo {
  private readonly steps: { what: string; act: () => Promise<unknown> }[] = [];

  /**
   * @param what  for the message when it fails, such as the command that does it by hand
   * @param act   does no harm where there is nothing to undo
   */
  add(what: string, act: () => Promise<unknown>): void {
    this.steps.push({ what, act });
  }

  get isEmpty(): boolean {
    return this.steps.length === 0;
  }

  /** Undoes everything at once, each once. @returns what could not be undone, in words */
  async all(): Promise<string[]> {
    const steps = this.steps.splice(0);
    const done = await Promise.allSettled(steps.map(({ act }) => act()));
    return done.flatMap((result, i) =>
      result.status === "rejected" ? [`${steps[i]!.what}: ${messageOf(result.reason)}`] : [],
    );
  }
}
