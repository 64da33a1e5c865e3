import type pg from "pg";

/** How a statement ended: refused for want of a privilege (42501), failed for another reason, or done. */
export type Outcome = { end: "done" } | { end: "denied" } | { end: "failed"; code: string };

/**
 * Not to be had of this object, whoever asks: a view that cannot be written or emptied, a column that is no key to
 * refer to.
 */
const IMPOSSIBLE = new Set(["55000", "42809", "0A000", "42830"]);

/** Executes a statement in a transaction that is rolled back, and tells how it ended. */
export async function attempt(client: pg.Client, statement: string): Promise<Outcome> {
  try {
    // One message: where the statement fails, the ROLLBACK at the start of the next one ends its transaction.
    await client.query(`ROLLBACK; BEGIN; ${statement}; ROLLBACK`);
    return { end: "done" };
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined) throw error;
    return code === "42501" ? { end: "denied" } : { end: "failed", code };
  }
}

/** A statement that is tried as a login, and whether the table of privileges lets it. */
export interface Trial {
  login: string;
  statement: string;
  allowed: boolean;
  /** Fails for another reason although it may be called, as functions do that are given NULL. */
  mayFail?: boolean;
}

/** What came out otherwise than the table says, in words. @param session  of the login that tries */
export async function mistakes(session: pg.Client, trials: readonly Trial[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const { login, statement, allowed, mayFail } of trials) {
    const outcome = await attempt(session, statement);
    const right = allowed
      ? outcome.end === "done" || (mayFail === true && outcome.end === "failed")
      : outcome.end === "denied" || (outcome.end === "failed" && IMPOSSIBLE.has(outcome.code));
    if (right) continue;
    const how = outcome.end === "failed" ? `failed with ${outcome.code}` : outcome.end;
    wrong.push(`${login}, ${allowed ? "allowed" : "not allowed"}, ${how}: ${statement}`);
  }
  return wrong;
}
