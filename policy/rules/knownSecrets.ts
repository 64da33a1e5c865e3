import { exposedWords } from "../exposed.ts";
import { TYPE } from "../../lib/pulumi/types.ts";
import type { StackRule } from "../rule.ts";
import { mapping } from "../values.ts";

/** Shorter ones may be part of a word. An account's password has 12 characters at least. */
const LEAST_LENGTH = 8;

/** The stack's own passwords, looked for by what they are and not by how they look. */
export const KNOWN_SECRETS: StackRule = {
  name: "no-exposed-password",
  description: "No environment variable, label, command or build argument holds a password of the stack.",
  remedy: "hand it over in a file that only the container's user reads, and name the file",
  stackFaults: (stack) => {
    const passwords = stack
      .filter(({ type }) => type === TYPE.passwords)
      .flatMap(({ args }) => [args["passwords"], args["own"], args["verifiers"]].map(mapping))
      .flatMap((byAccount) => Object.entries(byAccount))
      .filter(([, value]) => typeof value === "string" && value.length >= LEAST_LENGTH);
    return stack.flatMap((resource) =>
      exposedWords(resource).flatMap(({ where, value }) => {
        const found = passwords.find(([, password]) => value.includes(password as string));
        return found ? [{ resource, fault: `holds the password of ${found[0]} (${where})` }] : [];
      }),
    );
  },
};
