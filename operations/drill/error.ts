/** A drill that cannot begin or go on: a message for the person at the terminal. */
export class DrillError extends Error {
  override readonly name = "DrillError";
}
