/** The value under a path of Pulumi's, such as `pools["acgs_db"].size` or `uploads[0].content`; undefined where there is none. */
export function valueAt(value: unknown, path: string): unknown {
  let found = value;
  for (const key of keysOf(path)) {
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as Record<string, unknown>)[key];
  }
  return found;
}

/** The keys of a path: names behind dots, indexes and quoted names in brackets. */
export function keysOf(path: string): string[] {
  const keys: string[] = [];
  const part = /\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g;
  for (const [, quoted, index, name] of path.matchAll(part)) {
    keys.push(quoted !== undefined ? quoted.replaceAll(/\\(.)/g, "$1") : (index ?? name)!);
  }
  return keys;
}

const LONGEST = 80;

/** A value in one short line. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return "not there";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
