import pg from "pg";
import { readMember } from "../postgres/memberSettings.ts";
import type { MemberAddress } from "../postgres/patroniClient.ts";
import type { Drift } from "./drift.ts";

/** A parameter that ALTER SYSTEM has set on one member: it overrules the stack's. */
export interface OverruledParameter {
  member: string;
  name: string;
  value: string;
}

/** What ALTER SYSTEM has set on a member. @throws where the member does not answer */
export async function readOverruled(
  member: string,
  address: MemberAddress,
  password: string,
): Promise<OverruledParameter[]> {
  const { files } = await readMember(address, password);
  return [...files]
    .filter(([, { bySystem }]) => bySystem)
    .map(([name, { value }]) => ({ member, name, value }));
}

export function driftOfParameters(overruled: readonly OverruledParameter[]): Drift[] {
  return overruled.map(({ member, name, value }) => ({
    what: `parameter ${name} of ${member}`,
    is: `${value}, by ALTER SYSTEM`,
    should: "the stack's value",
    remedy: "up takes it back (ALTER SYSTEM RESET and a reload)",
    repaired: true,
  }));
}

const ANSWERS_WITHIN = 10_000;

/** Takes back what ALTER SYSTEM has set on a member; it reads its files again. */
export async function resetOverruled(
  { host, port }: MemberAddress,
  password: string,
  names: readonly string[],
): Promise<void> {
  const client = new pg.Client({
    ...{ host, port, user: "postgres", password, database: "postgres" },
    application_name: "acgs-db drift",
    connectionTimeoutMillis: ANSWERS_WITHIN,
    query_timeout: ANSWERS_WITHIN,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    for (const name of names) {
      // Names of extensions have a dot, which stands between two identifiers.
      const identifier = name.split(".").map((part) => pg.escapeIdentifier(part));
      await client.query(`ALTER SYSTEM RESET ${identifier.join(".")}`);
    }
    await client.query("SELECT pg_reload_conf()");
  } finally {
    await client.end().catch(() => undefined);
  }
}
