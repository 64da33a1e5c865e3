/**
 * npm keeps flags for itself unless `--` stands before them: of `npm run up prod --yes` the command sees `prod`, and
 * npm_config_yes in its environment. Such flags are not obeyed, because a line in somebody's .npmrc looks the same, and
 * nobody must update production because of that. They are not passed over in silence either.
 */
const FLAGS = [
  "yes",
  "stack",
  "show-secrets",
  "skip-preview",
  "diff",
  "refresh",
  "target",
  "replace",
  "json",
  "expect-no-changes",
];

export interface SwallowedFlags {
  flags: string[];
  /** How the command is to be written. */
  remedy: string;
  /** Going on would act on another stack than the one that was meant. */
  fatal: boolean;
}

/** The flags that npm kept for itself, if any. `args` are those that did arrive. */
export function swallowedFlags(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv,
): SwallowedFlags | undefined {
  const flags = FLAGS.flatMap((flag) => {
    const value = env[`npm_config_${flag.replaceAll("-", "_")}`];
    // npm sets a variable for its own settings with their defaults, too: empty or false means "not given".
    if (value === undefined || value === "" || value === "false" || args.includes(`--${flag}`)) return [];
    // `npm run up --stack prod`: the name arrived as an argument.
    if (flag === "stack" && value === "true" && args.length > 0) return [];
    return [value === "true" ? `--${flag}` : `--${flag}=${value}`];
  });
  if (flags.length === 0) return undefined;
  const remedy = `npm run ${command} -- ${[...args, ...flags].join(" ")}`;
  return { flags, remedy, fatal: flags.some((flag) => flag.startsWith("--stack")) };
}
