import { commandsOf, parseDockerfile, type Stage, textsOf } from "./dockerfile.ts";

/** A rule for Dockerfiles: a hadolint rule under its number, or one of this project. */
export interface Rule {
  id: string;
  says: string;
  /** What breaks it in a Dockerfile, in its own words; empty where nothing does. */
  readonly faults: (stages: readonly Stage[]) => string[];
}

/**
 * Bases without a digest, which DL3006 would have: where no image registry is reached they are made from Debian's archive on
 * the machine itself (setup/docker/base-image.sh), so none would fit. Each build takes in all updates of its suite.
 */
const BASES = ["debian:bookworm-slim", "debian:trixie-slim"];
const LABELS = ["title", "description", "version", "base.name"].map(
  (one) => `org.opencontainers.image.${one}`,
);
const SECRET = /\b\w*(PASSW(OR)?D|SECRET|TOKEN|PRIVATE_KEY|API_KEY|ACCESS_KEY)\w*\b/i;

export const RULES: readonly Rule[] = [
  {
    id: "base",
    says: "starts from a suite of Debian by its name, or from a stage of its own (DL3006, DL3007)",
    faults: (stages) =>
      stages
        .filter(
          ({ base }, i) => !BASES.includes(base) && !stages.slice(0, i).some(({ name }) => name === base),
        )
        .map(({ base }) => base),
  },
  {
    id: "DL3008",
    says: "names the version of each package",
    faults: (stages) => each(stages, installed).filter((one) => !one.includes("=")),
  },
  {
    id: "DL3009",
    says: "leaves no package lists in a layer that made them",
    faults: (stages) =>
      each(stages, (stage) => textsOf(stage, "RUN")).filter(
        (text) => text.includes("apt-get update") && !text.includes("rm -rf /var/lib/apt/lists/*"),
      ),
  },
  {
    id: "DL3014",
    says: "lets apt-get ask nothing",
    faults: (stages) => aptGet(stages).filter((one) => !/ update$| (-y|--yes)( |$)/.test(one)),
  },
  {
    id: "DL3015",
    says: "installs no recommended packages",
    faults: (stages) =>
      aptGet(stages).filter((one) => / install /.test(one) && !one.includes("--no-install-recommends")),
  },
  {
    id: "DL3027",
    says: "has no commands that are for people",
    faults: (stages) => each(stages, commandsOf).filter(starts("apt")).map(joined),
  },
  {
    id: "DL3004",
    says: "has no sudo",
    faults: (stages) => each(stages, commandsOf).filter(starts("sudo")).map(joined),
  },
  {
    id: "DL3003",
    says: "goes to a folder by WORKDIR",
    faults: (stages) => each(stages, commandsOf).filter(starts("cd")).map(joined),
  },
  {
    id: "DL3000",
    says: "names its folder from the root on",
    faults: (stages) =>
      each(stages, (stage) => textsOf(stage, "WORKDIR")).filter((one) => !one.startsWith("/")),
  },
  {
    id: "pip",
    says: "takes packages of Python by their hashes, and keeps no cache (DL3013, DL3042)",
    faults: (stages) =>
      each(stages, commandsOf)
        .filter(([command = "", verb]) => /(^|\/)pip3?$/.test(command) && verb === "install")
        .filter((words) => !["--require-hashes", "--no-cache-dir"].every((flag) => words.includes(flag)))
        .map(joined),
  },
  {
    id: "DL3020",
    says: "copies files, and adds none",
    faults: (stages) => each(stages, (stage) => textsOf(stage, "ADD")),
  },
  {
    id: "modes",
    says: "gives what it copies into PATH a mode, whatever the checkout's is",
    faults: (stages) =>
      stages.flatMap((stage) => {
        const copied = textsOf(stage, "COPY").filter((text) => text.endsWith(" /usr/local/bin/"));
        const set = textsOf(stage, "RUN").some((text) => text.includes("chmod 0755 /usr/local/bin/*"));
        return set ? [] : copied;
      }),
  },
  {
    id: "DL4006",
    says: "fails where any part of a pipe fails",
    faults: (stages) =>
      each(stages, (stage) => {
        const pipes = textsOf(stage, "RUN").filter((text) => /[^|]\|[^|]/.test(text));
        return textsOf(stage, "SHELL").some((text) => text.includes('"pipefail"')) ? [] : pipes;
      }),
  },
  {
    id: "DL3025",
    says: "starts programs without a shell",
    faults: (stages) => each(stages, starters).filter((text) => !/^\["[^\]]*"\]$/.test(text)),
  },
  {
    id: "DL4003",
    says: "has one CMD, and one ENTRYPOINT at most (DL4004)",
    faults: (stages) =>
      ["CMD", "ENTRYPOINT"].filter((name, i) => {
        const count = textsOf(last(stages), name).length;
        return count > 1 || (i === 0 && count === 0);
      }),
  },
  {
    id: "DL3002",
    says: "runs as a user that is not root, named by its number (DL3066), and sets nothing up after that",
    faults: (stages) => {
      const { instructions } = last(stages);
      const at = instructions.findLastIndex(({ name }) => name === "USER");
      const user = instructions[at]?.text ?? "root";
      const later = instructions.slice(at + 1).filter(({ name }) => name === "RUN" || name === "COPY");
      return [...(/^[1-9]\d*:[1-9]\d*$/.test(user) ? [] : [user]), ...later.map(({ text }) => text)];
    },
  },
  {
    id: "DL3049",
    says: "says by labels what it is",
    faults: (stages) => {
      const labels = textsOf(last(stages), "LABEL").join(" ");
      return LABELS.filter((label) => !labels.includes(`${label}="`));
    },
  },
  {
    id: "DL3057",
    says: "can be asked for its health: the stack asks by `healthcheck`",
    faults: (stages) =>
      textsOf(last(stages), "COPY").some((text) =>
        /^(\S+ )*\w+\/healthcheck .*\/usr\/local\/bin\/$/.test(text),
      )
        ? []
        : ["no healthcheck"],
  },
  {
    id: "DL3064",
    says: "holds no secret",
    faults: (stages) =>
      ["ENV", "ARG", "LABEL"].flatMap((name) =>
        each(stages, (stage) => textsOf(stage, name)).filter((text) => SECRET.test(text)),
      ),
  },
  {
    id: "sbom",
    says: "ends its build by writing down what is in it",
    faults: (stages) => {
      const at = textsOf(last(stages), "RUN").findIndex((text) =>
        /^bash \/tmp\/harden-and-sbom acgs-db\/\S+ \S+ /.test(text),
      );
      return at === -1 || at < textsOf(last(stages), "RUN").length - 1
        ? ["harden-and-sbom is not its last RUN"]
        : [];
    },
  },
];

/** What is wrong with a Dockerfile, as `DL3008 names the version of each package: curl`. */
export function lintDockerfile(text: string): string[] {
  const stages = parseDockerfile(text);
  return RULES.flatMap(({ id, says, faults }) => faults(stages).map((fault) => `${id} ${says}: ${fault}`));
}

const last = (stages: readonly Stage[]): Stage => stages.at(-1)!;

function each<T>(stages: readonly Stage[], of: (stage: Stage) => T[]): T[] {
  return stages.flatMap(of);
}

const joined = (words: string[]): string => words.join(" ");
const starts = (command: string) => (words: string[]) => words[0] === command;

function aptGet(stages: readonly Stage[]): string[] {
  return each(stages, commandsOf).filter(starts("apt-get")).map(joined);
}

function installed(stage: Stage): string[] {
  return commandsOf(stage)
    .filter((words) => words[0] === "apt-get" && words.includes("install"))
    .flatMap((words) => words.slice(words.indexOf("install") + 1).filter((word) => !word.startsWith("-")));
}

function starters(stage: Stage): string[] {
  return ["CMD", "ENTRYPOINT"].flatMap((name) => textsOf(stage, name));
}
