/**
 * JSON that is YAML too and does nothing to a terminal: what YAML takes for a line break or does not take at all is
 * escaped, where JSON.stringify leaves it as it is.
 */
export function printableJson(value: unknown, indent?: number): string | undefined {
  // Undefined for what is not data, whatever its type says.
  const text = JSON.stringify(value, undefined, indent) as string | undefined;
  return text?.replaceAll(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
