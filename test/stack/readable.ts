import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { pause } from "../../lib/wait.ts";
import type { StackOutputs } from "../../components/stack/outputs.ts";
import { ask } from "../../lib/https.ts";
import { docker } from "../support/engine.ts";
import { type Secret, secretsFound } from "../support/secrets.ts";
import { PASSPHRASE, type TestStack } from "../support/testStack.ts";
import { direct, query } from "../../testing/clients.ts";

// What others than the stack itself can read of it, for the search for secrets.

/** Texts by where they were read. */
export type Readable = Record<string, string>;

/** The state's files as they lie on the disk: checkpoints, history, backups, the stack's configuration. */
export async function stateFiles(stack: TestStack): Promise<Readable> {
  const root = join(stack.directory, "..", "state");
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  files.push(join(stack.directory, "Pulumi.test.yaml"));
  const texts = await Promise.all(files.map(async (file) => [await readFile(file, "utf8"), file] as const));
  // A checkpoint lies there several times.
  return Object.fromEntries([...new Map(texts)].map(([text, file]) => [file, text]));
}

/** What the engine tells of containers, volumes, the network and images, with logs and processes of every container. */
export async function engineTexts(stack: TestStack): Promise<Readable> {
  const own = (lines: string) => lines.split("\n").filter((name) => name.startsWith(`${stack.prefix}`));
  const containers = own(await docker(["ps", "--all", "--format", "{{.Names}}"]));
  const volumes = own(await docker(["volume", "ls", "--format", "{{.Name}}"]));
  const images = (await docker(["inspect", "--format", "{{.Image}}", ...containers])).trim().split("\n");
  return {
    "docker inspect of containers": await docker(["inspect", ...containers]),
    "docker inspect of volumes": await docker(["volume", "inspect", ...volumes]),
    "docker inspect of the network": await docker(["network", "inspect", stack.prefix]),
    "docker inspect of images": await docker(["image", "inspect", ...new Set(images)]),
    ...Object.fromEntries(
      await Promise.all(
        containers.flatMap((name) => [
          logOf(name).then((text) => [`log of ${name}`, text]),
          docker(["top", name, "-ww", "-eo", "pid,args"]).then((text) => [`processes in ${name}`, text]),
        ]),
      ),
    ),
  };
}

/** Both of its streams. */
async function logOf(container: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)("docker", ["logs", container], {
    maxBuffer: 64 << 20,
  });
  return stdout + stderr;
}

/** What PostgreSQL shows to who may see the statements of all logins, and Patroni to everybody; and all that etcd holds. */
export async function serverTexts(stack: TestStack, outputs: StackOutputs): Promise<Readable> {
  const { monitor, postgres, tls } = outputs;
  const dump = ["exec", stack.container("etcd-1"), "etcdctl", "get", "--prefix", ""];
  const texts: Readable = { "keys and values of etcd": await docker(dump) };
  for (const member of postgres.members) {
    const url = direct(monitor.url, member);
    for (const view of ["pg_stat_activity", "pg_stat_statements", "pg_settings"])
      texts[`${view} of ${member.name}`] = JSON.stringify(await query(url, `SELECT * FROM ${view}`));
    for (const path of ["patroni", "cluster", "config", "history", "metrics"]) {
      const asked = { method: "GET", headers: {}, body: "", withinMs: 10_000 };
      texts[`${path} of ${member.name}`] = (await ask(`${member.rest}/${path}`, tls, asked)).text;
    }
  }
  return texts;
}

/** What was seen of processes of this machine, containers' included, and of statements, while something ran. */
export interface Watched {
  /** Command lines of all processes. */
  commands: string;
  /** Environments of what works on the stack: Pulumi, its plugins, the program, clients of the engine. */
  environments: string;
  /** One variable of theirs, PULUMI_CONFIG. */
  configuration: string;
  /** Of pg_stat_activity. */
  statements: string;
  /** How many of the stack's own processes were seen. */
  processes: number;
}

/** Looks every moment at what is running, until the work is done. */
export async function watching<T>(
  stack: TestStack,
  { monitor, postgres }: StackOutputs,
  work: () => Promise<T>,
): Promise<{ result: T; watched: Watched }> {
  const seen = {
    commands: new Set<string>(),
    environments: new Set<string>(),
    configuration: new Set<string>(),
    statements: new Set<string>(),
  };
  const processes = new Set<string>();
  /** Number with command line: a process may become another program. */
  const known = new Set<string>();
  const folder = join(stack.directory, "..");
  let done = false;
  const look = async () => {
    while (!done) {
      for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
        const read = (file: string) => {
          try {
            return readFileSync(`/proc/${pid}/${file}`, "utf8").replaceAll("\0", "\n");
          } catch {
            return ""; // it has ended, or is another user's
          }
        };
        const command = read("cmdline");
        if (known.has(pid + command)) continue;
        known.add(pid + command);
        seen.commands.add(command);
        const environment = read("environ");
        if (!environment.includes(folder)) continue;
        processes.add(pid);
        for (const line of environment.split("\n"))
          (line.startsWith("PULUMI_CONFIG=") ? seen.configuration : seen.environments).add(line);
      }
      await pause(50);
    }
  };
  const lookOn = async () => {
    while (!done) {
      for (const member of postgres.members) {
        const rows = await query(direct(monitor.url, member), "SELECT query FROM pg_stat_activity").catch(
          () => [],
        );
        seen.statements.add(JSON.stringify(rows));
      }
      await pause(50);
    }
  };
  const both = [look(), lookOn()];
  try {
    const result = await work();
    const text = (texts: Set<string>) => [...texts].join("\n");
    const { commands, environments, configuration, statements } = seen;
    const watched = {
      ...{ commands: text(commands), environments: text(environments), configuration: text(configuration) },
      ...{ statements: text(statements), processes: processes.size },
    };
    return { result, watched };
  } finally {
    done = true;
    await Promise.all(both);
  }
}

/** Secrets that may be read in some places, and why. */
const ALLOWED: readonly { where: RegExp; is: (secret: Secret) => boolean; because: string }[] = [
  {
    where: /^environments$/,
    is: ({ name }) => name === "the passphrase",
    because:
      "Pulumi and its plugins decrypt the state with it; other users cannot read a process' environment",
  },
  {
    where: /^(statements|pg_stat_activity of .*)$/,
    is: ({ kind }) => kind === "verifier",
    because:
      "ALTER ROLE takes no parameters; superusers and acgs_monitor see a session's last statement until its next",
  },
];

/** The secrets that texts hold where they may not, by place and name. */
export function leaks(texts: Readable, secrets: readonly Secret[]): string[] {
  const all = [...secrets, { name: "the passphrase", kind: "password" as const, value: PASSPHRASE }];
  return Object.entries(texts).flatMap(([where, text]) => {
    const allowed = ALLOWED.filter((one) => one.where.test(where));
    const forbidden = all.filter((secret) => !allowed.some(({ is }) => is(secret)));
    return secretsFound(text, forbidden).map((found) => `${where}: ${found}`);
  });
}
