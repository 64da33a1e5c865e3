/**
 * Refuses what could be more than one word in a file that has no way of quoting.
 *
 * @param program  whose file it is, for the message
 * @throws RangeError
 */
export function requireWord(word: string, program: string): void {
  if (!/^[A-Za-z0-9_.-]+$/.test(word)) {
    throw new RangeError(`Not a name for ${program}: ${JSON.stringify(word)}`);
  }
}
