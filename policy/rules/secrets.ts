import { EXPOSED_TYPES, exposedWords } from "../exposed.ts";
import type { ResourceRule } from "../rule.ts";
import { secretIn } from "../secretShape.ts";

/** Everybody who may ask the engine sees these; the state keeps them too. */
export const SECRETS: ResourceRule = {
  name: "no-exposed-secret",
  description: "No environment variable, label, command or build argument holds a secret.",
  remedy: "hand it over in a file that only the container's user reads, and name the file",
  types: EXPOSED_TYPES,
  faults: (resource) =>
    exposedWords(resource).flatMap(({ where, name, value }) => {
      const what = secretIn(name, value);
      return what === undefined ? [] : [`holds ${what} (${where})`];
    }),
};
