/**
 * The text of bytes, with U+FFFD for what is no UTF-8.
 *
 * @returns `valid`: how many UTF-16 units of it stand before the first wrong byte, or undefined where there is none
 */
export function decodeUtf8(bytes: Buffer): { text: string; valid: number | undefined } {
  const text = bytes.toString("utf8");
  // The file may hold the character itself: then its own three bytes are there.
  for (let at = text.indexOf("\uFFFD"); at >= 0; at = text.indexOf("\uFFFD", at + 1)) {
    const from = Buffer.byteLength(text.slice(0, at));
    if (bytes.toString("hex", from, from + 3) !== "efbfbd") return { text, valid: at };
  }
  return { text, valid: undefined };
}

/** As much of a text as fits into a number of bytes of UTF-8, in whole characters. */
export function cutToBytes(text: string, bytes: number): string {
  const encoded = Buffer.from(text);
  if (encoded.length <= bytes) return text;
  let end = bytes;
  // A byte 10xxxxxx goes on with a character.
  while (end > 0 && (encoded[end]! & 0xc0) === 0x80) end--;
  return encoded.toString("utf8", 0, end);
}
