/** The first `1.2.3` in a text such as `v3.259.0`; undefined when there is none. */
export function parseVersion(text: string): [number, number, number] | undefined {
  const match = /(\d+)\.(\d+)\.(\d+)/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined;
}

/** Whether the version in `text` is `minimum` or later; a text without a version is not. */
export function isAtLeast(text: string, minimum: string): boolean {
  const have = parseVersion(text);
  const want = parseVersion(minimum);
  if (!have || !want) return false;
  for (const i of [0, 1, 2] as const) {
    if (have[i] !== want[i]) return have[i] > want[i];
  }
  return true;
}
