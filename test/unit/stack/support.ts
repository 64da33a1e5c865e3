import { parseConfiguration } from "../../../components/stack/configuration.ts";
import type { ExtraCheck } from "../../../components/stack/stackConfiguration.ts";
import { ConfigurationError, type ConfigIssue } from "../../../components/stack/configIssue.ts";

/** The faults of a configuration, none when it is sound. */
export function faultsOf(
  raw: unknown,
  extra: readonly ExtraCheck[] = [],
  stack = "dev",
): readonly ConfigIssue[] {
  try {
    parseConfiguration(raw, stack, extra);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
}

/** What a configuration becomes when an operator enters the first way that a remedy names, command by command. */
export function applied(raw: Record<string, unknown>, remedy: string): Record<string, unknown> {
  const changed = structuredClone(raw);
  for (const line of remedy.split("\n")) {
    const command = /^pulumi config (set|rm) --path (--type string )?(?:-- )?(.*)$/.exec(line);
    if (command === null) continue;
    const [, verb, isText, words = ""] = command;
    const [key = "", text = ""] = words.match(/'(?:[^']|'\\'')*'|\S+/g) ?? [];
    const path = plain(key)
      .replace(/^acgs-db:/, "")
      .split(/\.(?![^[]*\])|(?=\[)/)
      .map((one) => (one.startsWith("[") ? (JSON.parse(one) as [string | number])[0] : one));
    const holder = path.slice(0, -1).reduce<Record<string, unknown>>((at, one) => {
      at[one] ??= {};
      return at[one] as Record<string, unknown>;
    }, changed);
    const last = path.at(-1)!;
    if (verb === "rm") delete holder[last];
    else holder[last] = isText ? plain(text) : valueOf(plain(text));
  }
  return changed;
}

/** As a shell reads a quoted word. */
function plain(word: string): string {
  return word.startsWith("'") ? word.slice(1, -1).replaceAll("'\\''", "'") : word;
}

/** As `pulumi config set --path` does. */
function valueOf(text: string): unknown {
  return /^(true|false|-?\d+)$/.test(text) ? JSON.parse(text) : text;
}
