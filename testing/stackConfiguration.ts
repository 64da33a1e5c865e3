import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";

const PREFIX = "acgs-db:";

/** The configuration that the project ships for a stack, by key without the namespace. */
export function shippedConfiguration(stack: "dev" | "prod"): Record<string, Record<string, unknown>> {
  const file = resolve(import.meta.dirname, `../Pulumi.${stack}.yaml`);
  const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, Record<string, unknown>> };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key.startsWith(PREFIX) ? key.slice(PREFIX.length) : key,
      value,
    ]),
  );
}
