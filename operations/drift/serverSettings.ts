import { parameterIdentifier, query, readMember } from "../../components/postgres/memberSettings.ts";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import type { Drift } from "./driftReport.ts";

/** A parameter that ALTER SYSTEM has set on one member: it overrules the stack's. */
export interface OverruledParameter {
  member: string;
  name: string;
  value: string;
}

/** What ALTER SYSTEM has set on a member. @throws where the member does not answer */
export async function readOverruled(
  member: string,
  address: ContainerAddress,
): Promise<OverruledParameter[]> {
  const { files } = await readMember(address);
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

/** Takes back what ALTER SYSTEM has set on a member; it reads its files again. */
export async function resetOverruled(address: ContainerAddress, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await query(address, `ALTER SYSTEM RESET ${parameterIdentifier(name)}`);
  }
  await query(address, "SELECT pg_reload_conf()");
}
