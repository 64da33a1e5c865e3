import { printableJson } from "./printableJson.ts";

/** PostgreSQL and PgBouncer cut longer names, DNS has no longer ones between dots. In bytes. */
const LONGEST = 63;

/**
 * Refuses what could be more than one word in a file that has no way of quoting, and what its program would cut or take for
 * something else: a host that begins with an underscore is the name of a service for HAProxy.
 *
 * @param program  whose file it is, for the message
 * @throws RangeError that says which word, and what is allowed
 */
export function assertIdentifier(word: string, program: string): void {
  if (!/^[A-Za-z0-9][\w-]*(\.[\w-]+)*$/.test(word) || word.length > LONGEST) {
    throw new RangeError(
      `Not a name for ${program}: ${printableJson(word)}. It takes up to ${LONGEST} letters, digits, underscores and ` +
        "hyphens, with single dots between them, and a letter or digit in the first place.",
    );
  }
}
