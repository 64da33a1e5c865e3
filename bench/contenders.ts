import { statfs } from "node:fs/promises";
import { cpus } from "node:os";
import type { SizingHost } from "../components/postgres/memory.ts";
import { sizeParameters } from "../components/postgres/sizing.ts";
import { PEERS, type Parameters } from "./peers/index.ts";

/** A set of parameters that takes part in the comparison. */
export interface Contender {
  name: string;
  parameters: Parameters;
  /** The mixes that it is made for, by their names; all unless given. */
  mixes?: readonly string[];
  /** The contender on whose server it runs, because what differs takes a reload; one of its own unless given. */
  guestOf?: string;
}

/** The one whose ratios to the others are shown. */
export const OURS = "sizing";
export const DEFAULTS = "default";

/** No peer writes down who modifies what: here is to be seen what the sizing is worth. Audited loads run on the stack. */
const NOT_AUDITED: Parameters = { "pgaudit.log": "none", "pgaudit.role": "" };

/** Sizing's own set and those of its peers, for the same memory, cores, kind of disk and number of connections. */
export async function contenders(memoryMb: number, mixedLoads: readonly string[]): Promise<Contender[]> {
  const host: SizingHost = {
    memoryMb,
    cpus: cpus().length,
    storage: "ssd",
    workload: "oltp",
    maxConnections: 200,
    members: 1,
  };
  const disk = await statfs("/");
  const peerHost = { ...host, diskBytes: disk.blocks * disk.bsize };
  return [
    { name: OURS, parameters: { ...sizeParameters(host), ...NOT_AUDITED } },
    ...Object.entries(PEERS).map(([name, parameters]) => ({
      name,
      parameters: parameters(peerHost),
      // Its copy of the data would be one more than a small machine's disk holds.
      ...(name === "pgtune mixed" && { mixes: mixedLoads, guestOf: "pgtune oltp" }),
    })),
  ];
}

/** The parameters that a contender and its guests do not share: those are not given on the server's command line. */
export function differing(sets: readonly Parameters[]): string[] {
  const names = [...new Set(sets.flatMap((set) => Object.keys(set)))].sort();
  return names.filter((name) => new Set(sets.map((set) => set[name])).size > 1);
}
