import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./process.ts";

/** What one run of the benchmark makes: a folder, and whatever bears its prefix on the engine. */
export class Workspace {
  readonly directory: string;
  /** Starts the name of every container, volume and network of this run. */
  readonly prefix = `acgs-bench-${randomBytes(3).toString("hex")}`;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async create(): Promise<Workspace> {
    return new Workspace(await mkdtemp(join(tmpdir(), "acgs-bench-")));
  }

  /** Removes what the engine has under a prefix: all of this run unless a narrower one is given. */
  async sweep(prefix = this.prefix): Promise<void> {
    // What was being made when the run was interrupted may turn up while the rest is removed.
    for (let attempt = 0; attempt < 5; attempt++) {
      const containers = await named(["ps", "--all", "--format", "{{.Names}}"], prefix);
      const volumes = await named(["volume", "ls", "--format", "{{.Name}}"], prefix);
      const networks = await named(["network", "ls", "--format", "{{.Name}}"], prefix);
      if (containers.length + volumes.length + networks.length === 0) return;
      await remove(["rm", "--force", "--volumes"], containers);
      await remove(["volume", "rm", "--force"], volumes);
      await remove(["network", "rm"], networks);
    }
    const left = await named(["ps", "--all", "--format", "{{.Names}}"], prefix);
    throw new Error(`These could not be removed from the engine: ${prefix}… ${left.join(", ")}`);
  }

  async close(): Promise<void> {
    try {
      await this.sweep();
    } finally {
      await rm(this.directory, { recursive: true, force: true });
    }
  }
}

/** Runs the `docker` client and returns what it printed. */
export async function docker(args: readonly string[], evenInterrupted = false): Promise<string> {
  return (await run("docker", args, { evenInterrupted })).stdout.trim();
}

async function named(list: readonly string[], prefix: string): Promise<string[]> {
  const lines = (await docker(list, true)).split("\n");
  return lines.filter((name) => name === prefix || name.startsWith(`${prefix}-`));
}

async function remove(command: readonly string[], names: readonly string[]): Promise<void> {
  // Another attempt follows, and the last one says what is left.
  if (names.length > 0) await docker([...command, ...names], true).catch(() => undefined);
}
