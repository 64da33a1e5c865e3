/** Inputs of a resource by name; a value may be {@link UNKNOWN}. */
export type Args = Readonly<Record<string, unknown>>;

/**
 * Stands for what a preview cannot know, such as the id of an image that is yet to be built. It is neither text nor
 * number, list or mapping, and not `undefined`: no rule finds a fault in it. The update, which knows it, checks again.
 */
export const UNKNOWN = Symbol("known only to the update");

/** A list's elements; none for anything else. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A mapping; an empty one for anything else. */
export function mapping(value: unknown): Args {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Args) : {};
}

/** A text, or nothing. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The texts of a list. */
export function texts(value: unknown): string[] {
  return list(value).filter((one) => typeof one === "string");
}

/** Whether a number is missing or not above zero; not so for what is unknown. */
export function isMissing(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "number" && value <= 0);
}

/** Names under which the stand-in of the Docker plugin (setup/toolchain/) hands back what the official one calls otherwise. */
const OFFICIAL_NAMES: Readonly<Record<string, string>> = {
  commands: "command",
  networksAdvanceds: "networksAdvanced",
};

/** The same inputs under the names of the npm packages, which the program uses. */
export function officiallyNamed(args: Args): Args {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [OFFICIAL_NAMES[name] ?? name, value]),
  );
}
