// The runtime options of Pulumi.yaml (`runtime: {name: nodejs, options: {...}}`) that matter to a program's start.

export interface RuntimeOptions {
  /** Load the program through ts-node; Pulumi's default. False: Node runs the program as it is. */
  readonly typescript: boolean;
  /** Flags for Node itself, before the program. */
  readonly nodeArgs: readonly string[];
  /** A tsconfig.json of another name, for ts-node. */
  readonly tsconfig: string | undefined;
}

/**
 * Reads the options, with the same defaults as the official host.
 * @throws Error naming the option, what it is and what it may be
 */
export function readOptions(options: Record<string, unknown>): RuntimeOptions {
  const { typescript = true, nodeargs = "", tsconfig } = options;
  if (typeof typescript !== "boolean") throw wrongType("typescript", typescript, "true or false");
  if (typeof nodeargs !== "string") throw wrongType("nodeargs", nodeargs, "a string");
  if (tsconfig !== undefined && typeof tsconfig !== "string") throw wrongType("tsconfig", tsconfig, "a path");
  return { typescript, nodeArgs: splitWords(nodeargs), tsconfig };
}

function wrongType(name: string, value: unknown, allowed: string): Error {
  return new Error(
    `runtime option "${name}" in Pulumi.yaml is ${JSON.stringify(value)}; it must be ${allowed}`,
  );
}

/**
 * Splits a line into words as a shell would: blanks separate, quotes and backslashes keep together.
 * @throws Error where a quote is left open
 */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!;
    if (quote) {
      if (character === quote) quote = undefined;
      else if (character === "\\" && quote === '"' && i + 1 < line.length) word += line[++i]!;
      else word += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + (character === "\\" && i + 1 < line.length ? line[++i]! : character);
    }
  }
  if (quote) throw new Error(`runtime option "nodeargs" in Pulumi.yaml leaves a ${quote} open: ${line}`);
  if (word !== undefined) words.push(word);
  return words;
}
