import { UserError } from "../../lib/errors.ts";
import { isAtLeast } from "../version.ts";

/** The oldest CLI this project is tested with: that of setup/toolchain/. */
export const MINIMUM_CLI = "3.259.0";

export type Source = "path" | "official" | "toolchain";
export type Preference = "auto" | "official" | "local";

/** ACGS_DB_TOOLCHAIN as it may be set: `official` never falls back, `local` never tries the official CLI. */
export function parsePreference(value: string | undefined): Preference {
  if (value === undefined || value === "" || value === "auto") return "auto";
  if (value === "official" || value === "local") return value;
  throw new UserError(
    `ACGS_DB_TOOLCHAIN is ${JSON.stringify(value)}; allowed are "official" and "local", or leave it unset.`,
  );
}

export interface Machine {
  preference: Preference;
  /** What `pulumi version` says, if there is one on PATH. */
  versionOnPath: string | undefined;
  /** Pulumi's download host was out of reach within the last day. */
  hostUnreachable: boolean;
}

/** Where Pulumi may come from on this machine: to be tried in this order, until one works. */
export function sourcesOf(machine: Machine): Source[] {
  const onPath = machine.versionOnPath !== undefined && isAtLeast(machine.versionOnPath, MINIMUM_CLI);
  const official: Source[] = onPath ? ["path", "official"] : ["official"];
  switch (machine.preference) {
    case "local":
      return ["toolchain"];
    case "official":
      return official;
    case "auto":
      return [...official.filter((source) => source === "path" || !machine.hostUnreachable), "toolchain"];
  }
}
