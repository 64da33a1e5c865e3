import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, readlinkSync, readdirSync } from "node:fs";
import { UserError } from "../lib/errors.ts";
import { npmCommand } from "../setup/nodeModules.ts";

// npm keeps flags for itself unless `--` precedes them: of `npm run switchover prod --to postgres-2` the command sees
// `prod` alone. So what npm was given is compared with what arrived. npm hides its arguments from other processes (it
// overwrites them with a title that has no flags), but it writes them to its log, which it holds open.

/**
 * Whether npm started this command, as `npm run <script>` or `npm exec acgs`.
 * @param parent   the process that started the command
 * @param arrived  the command's arguments
 * @throws UserError when npm kept an argument, or it cannot be found out whether it did
 */
export function checkNpm(parent: number, arrived: readonly string[]): boolean {
  const { npm_lifecycle_event: script, npm_config_user_agent: agent = "" } = process.env;
  // pnpm and yarn pass all flags on.
  if (script === undefined || !agent.startsWith("npm/")) return false;
  const npm = findNpm(parent);
  if (npm === undefined) return false;
  const logged = loggedArguments(npm);
  if (logged === undefined) refuseUnexplained(keptSettings(npm), script, arrived);
  else refuseKept(givenToScript(logged, script), script, arrived);
  return true;
}

/** The npm that a process is, or that started it as the shell for a script. Undefined where the command was started by something else. */
function findNpm(pid: number): number | undefined {
  for (let generation = 0; generation < 2; generation++) {
    const [parent, program = ""] = describeProcess(pid);
    if (/^npm( |$)/.test(program)) return pid;
    if (!program.includes(`-c ${process.env["npm_lifecycle_script"]}`)) return undefined;
    pid = parent;
  }
  return undefined;
}

/** A process' parent and its command line. @throws UserError */
function describeProcess(pid: number): [number, string] {
  try {
    if (existsSync("/proc/self/stat")) {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const line = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      // The name before the last bracket may hold anything.
      const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return [Number(parent), line.replaceAll("\0", " ").trim()];
    }
    const shown = execFileSync("ps", ["-o", "ppid=,args=", "-p", String(pid)], { encoding: "utf8" });
    const [, parent, line] = /^\s*(\d+)\s+(.*)/.exec(shown) ?? [];
    return [Number(parent), line ?? ""];
  } catch (error) {
    throw new UserError(
      `Cannot find out whether npm kept a flag for itself: process ${pid} cannot be looked at. Use ./acgs in place of npm run.`,
      { cause: error },
    );
  }
}

/** npm's own arguments, as its log has them: abbreviations written out, `--a=b` in two. */
function loggedArguments(npm: number): string[] | undefined {
  const log = openFiles(npm).find((file) => /-debug-\d+\.log$/.test(file));
  // A long log goes on in further files; the arguments are in the first.
  const file = log?.replace(/\d+\.log$/, "0.log");
  if (file === undefined || !existsSync(file)) return undefined;
  const line = /^\d+ verbose argv (.*)$/m.exec(readFileSync(file, "utf8"))?.[1];
  return line === undefined ? undefined : (JSON.parse(`[${line.replaceAll('" "', '","')}]`) as string[]);
}

function openFiles(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  if (existsSync(folder))
    return readdirSync(folder).flatMap((name) => {
      try {
        return [readlinkSync(`${folder}/${name}`)];
      } catch {
        return []; // closed meanwhile
      }
    });
  const listed = spawnSync("lsof", ["-p", String(pid), "-Fn"], { encoding: "utf8" }).stdout ?? "";
  return listed.split("\n").map((line) => line.slice(1));
}

/** What stands after the script's name. What stands before it is for npm, and so is how much npm says (`--silent`). */
export function givenToScript(logged: readonly string[], script: string): string[] {
  // `npx acgs …` is `npm exec -- acgs …`.
  if (logged[0] === "exec" && logged[1] === "--") return logged.slice(3);
  const isScript = (word: string) =>
    logged[0] === "exec"
      ? /\bacgs\b/.test(word)
      : word === script || (script === "test" && /^t(st)?$/.test(word));
  const given = logged.slice(logged.findIndex(isScript) + 1);
  const end = given.includes("--") ? given.indexOf("--") : given.length;
  const loglevel = given.indexOf("--loglevel");
  if (loglevel !== -1 && loglevel < end) given.splice(loglevel, 2);
  return given;
}

/** @throws UserError unless the last arguments that arrived are those that were given */
function refuseKept(given: readonly string[], script: string, arrived: readonly string[]): void {
  const rest = given.filter((word, i) => word !== "--" || given.indexOf("--") !== i);
  const [wanted, have] = [inTwo(rest), inTwo(arrived)];
  const last = have.slice(Math.max(0, have.length - wanted.length));
  // npm writes *** for what looks like a secret.
  if (wanted.length === last.length && wanted.every((word, i) => word === last[i] || word.includes("***")))
    return;
  const flags = joinValues(given, arrived);
  const written = flags.filter((word) => word !== "--").join(" ");
  const kept = flags.slice(0, flags.includes("--") ? flags.indexOf("--") : flags.length).filter(isFlag);
  throw new UserError(
    `npm kept ${kept.join(" ") || "an argument"} for itself, as it does with flags that no "--" precedes.\n` +
      `  given:   ${flags.join(" ")}\n` +
      `  arrived: ${(script === "npx" ? arrived : arrived.slice(1)).join(" ") || "nothing"}\n` +
      remedy(script, arrived, written),
  );
}

function remedy(script: string, arrived: readonly string[], written: string): string {
  if (script === "npx") return `  write:   npx acgs ${written}`;
  return `  write:   npm run ${script} -- ${written}\n  or:      ./acgs ${arrived[0]} ${written}`;
}

const isFlag = (word: string) => word.startsWith("-") && word !== "--";

function inTwo(words: readonly string[]): string[] {
  return words.flatMap((word) => {
    const parts = /^(--[^=]+)=(.*)$/s.exec(word);
    return parts ? [parts[1]!, parts[2]!] : [word];
  });
}

/** Writes `--to postgres-2` as `--to=postgres-2` where npm took the second word for the flag's value: it did not arrive. */
function joinValues(given: readonly string[], arrived: readonly string[]): string[] {
  const left = [...arrived];
  const written: string[] = [];
  for (const word of given) {
    const at = left.indexOf(word);
    if (at !== -1) left.splice(at, 1);
    if (at === -1 && word !== "--" && !isFlag(word) && isFlag(written.at(-1) ?? ""))
      written.push(`${written.pop()}=${word}`);
    else written.push(word);
  }
  return written;
}

/**
 * Where npm has no log: its settings that neither its defaults, nor a .npmrc, nor its own environment explain. They are
 * found by another npm, which is given no flag. Undefined when that one cannot tell.
 */
function keptSettings(npm: number): string[] | undefined {
  const [command, first] = npmCommand();
  const environment = initialEnvironment(npm);
  const other = spawnSync(command, [...first, "run", "env"], {
    cwd: process.cwd(),
    env: environment,
    encoding: "utf8",
  });
  if (other.status !== 0) return undefined;
  const expected = new Set(other.stdout.split("\n"));
  return Object.entries(process.env)
    .filter(([name]) => name.startsWith("npm_config_") && name !== "npm_config_loglevel")
    .filter(([name, value]) => !expected.has(`${name}=${value}`))
    .map(([name, value]) => `--${name.slice("npm_config_".length).replaceAll("_", "-")}=${value}`);
}

/** With what npm was started; where that cannot be seen, what is not npm's of this process' environment. */
function initialEnvironment(npm: number): NodeJS.ProcessEnv {
  const file = `/proc/${npm}/environ`;
  if (!existsSync(file))
    return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
  const lines = readFileSync(file, "utf8").split("\0").filter(Boolean);
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]));
}

function refuseUnexplained(kept: string[] | undefined, script: string, arrived: readonly string[]): void {
  if (kept?.length === 0) return;
  const what =
    kept === undefined ? "npm cannot be asked what it kept." : `npm kept ${kept.join(" ")} for itself.`;
  throw new UserError(
    `${what} This arrived: ${arrived.join(" ")}\n` +
      `  write:   npm run ${script} -- [stack] [flags]\n  or:      ./acgs ${arrived.join(" ")} [flags]`,
  );
}
