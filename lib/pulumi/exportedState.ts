import { rememberHosts } from "../hosts.ts";
import { type Deployment, hostsIn } from "./deployment.ts";

/** Pulumi's mark of a secret value in a state. */
const SECRET_MARK = "4dabf18193072939515e22adb298388d";

interface Exported {
  deployment?: { resources?: { type: string; urn: string; inputs?: unknown; outputs?: unknown }[] };
}

/** The value with every secret in it in plain. */
export function revealed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== "object" || value === null) return value;
  if (SECRET_MARK in value && "plaintext" in value) return revealed(JSON.parse(String(value.plaintext)));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]));
}

/**
 * The inputs of the only resource of a type.
 *
 * @param state  what `pulumi stack export --show-secrets` prints, parsed
 * @param type   such as `pulumi-nodejs:dynamic/acgs:PostgresParameters`
 * @returns      undefined where there is none
 */
export function inputsOfType(state: unknown, type: string): unknown {
  rememberHosts(hostsIn((state as { deployment?: Deployment }).deployment ?? {}));
  const resources = (state as Exported).deployment?.resources ?? [];
  const found = resources.find((resource) => resource.type === type);
  return found && revealed(found.inputs);
}
