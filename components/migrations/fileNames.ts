/** What a file's name says. Versioned files run once, repeatable ones again whenever they change. */
export type FileName = { kind: "versioned"; version: number } | { kind: "repeatable" };

const versioned = /^V([0-9]{3,6})__[a-z0-9]+(?:_[a-z0-9]+)*\.sql$/;
const repeatable = /^R__[a-z0-9]+(?:_[a-z0-9]+)*\.sql$/;

/** What a name may look like, for messages. */
export const NAME_RULE =
  "a versioned file is V001__some_name.sql (a number of three digits or more, then small letters, digits and " +
  "single underscores), a repeatable one R__some_name.sql";

/** Reads a file's name; `undefined` for a name that follows neither pattern. */
export function parseFileName(name: string): FileName | undefined {
  const version = versioned.exec(name)?.[1];
  // 0001 and 001 are one version: without this they would be two names for the same place in the order.
  if (version !== undefined) {
    return Number(version) > 0 && version === versionText(Number(version))
      ? { kind: "versioned", version: Number(version) }
      : undefined;
  }
  return repeatable.test(name) ? { kind: "repeatable" } : undefined;
}

/** A version as file names write it: 7 is `007`. */
export function versionText(version: number): string {
  return String(version).padStart(3, "0");
}
