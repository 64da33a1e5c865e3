/** One instruction of a Dockerfile, on one line, without comments. */
export interface Instruction {
  /** In capitals, such as `RUN`. */
  name: string;
  text: string;
}

/** What stands between one FROM and the next; the first instruction is the FROM. */
export interface Stage {
  /** What it starts from, such as `debian:trixie-slim`, or a stage before it. */
  base: string;
  /** As others call it. */
  name: string | undefined;
  instructions: Instruction[];
}

/** Reads a Dockerfile, as far as ours go: no heredocs, no escape directive, no ARG before the first FROM. */
export function parseDockerfile(text: string): Stage[] {
  const lines = text
    .replaceAll(/^[ \t]*#.*\n/gm, "")
    .replaceAll(/\\\n/g, " ")
    .split("\n")
    .map((line) => line.replaceAll(/\s+/g, " ").trim())
    .filter(Boolean);
  const stages: Stage[] = [];
  for (const line of lines) {
    const [, name = "", rest = ""] = /^(\w+) ?(.*)$/.exec(line) ?? [];
    const instruction = { name: name.toUpperCase(), text: rest };
    if (instruction.name === "FROM") {
      const [, base = "", stage] = /^(?:--\S+ )*(\S+)(?: AS (\S+))?$/i.exec(rest) ?? [];
      stages.push({ base, name: stage, instructions: [instruction] });
    } else if (stages.length === 0) throw new Error(`${line} comes before FROM`);
    else stages.at(-1)!.instructions.push(instruction);
  }
  return stages;
}

/** The instructions of that name, in order. */
export function textsOf(stage: Stage, name: string): string[] {
  return stage.instructions.filter((one) => one.name === name).map(({ text }) => text);
}

/** The single commands of a stage's RUNs, each as its words, without quotes and assignments before it. */
export function commandsOf(stage: Stage): string[][] {
  return textsOf(stage, "RUN")
    .flatMap((text) => text.split(/&&|\|\||[;|]| (?:then|do|else) /))
    .map((command) =>
      command
        .trim()
        .split(" ")
        .map((word) => word.replaceAll(/^['"]|['"]$/g, "")),
    )
    .map((words) => words.slice(words.findIndex((word) => !/^\w+=/.test(word))));
}
