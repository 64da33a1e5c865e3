import { isStorableText } from "../../lib/text/storable.ts";

/** Settings that SQL files read by `current_setting('acgs.…')`: values by full name. */
export type Settings = Record<string, string>;

const NAME = /^acgs\.[a-z][a-z0-9_]*$/;

/** One message per setting that SQL files could not read. */
export function settingFaults(settings: Settings): string[] {
  return Object.entries(settings)
    .filter(([name, value]) => !NAME.test(name) || !isStorableText(value))
    .map(
      ([name]) =>
        `setting ${JSON.stringify(name)}: a setting's name is "acgs." and small letters, digits and underscores, and ` +
        `its value is a text without NUL`,
    );
}

/** Settings in a form to be hashed: sorted, one a line; empty for none, so that they leave a hash as it is. */
export function settingsLines(settings: Settings): string {
  return Object.keys(settings)
    .sort()
    .map((name) => `\n-- ${name} = ${JSON.stringify(settings[name])}`)
    .join("");
}
