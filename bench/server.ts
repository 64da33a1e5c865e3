import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { query } from "../testing/clients.ts";
import { eventually } from "../testing/eventually.ts";
import type { Target } from "./pgbench.ts";
import { docker, type Workspace } from "./workspace.ts";

/** A single PostgreSQL server without Patroni, its data on a volume of the engine, every commit on disk. */
export interface Server extends Target {
  container: string;
  query(statement: string): Promise<void>;
}

export interface ServerArgs {
  name: string;
  /** Id of the PostgreSQL image. */
  image: string;
  /** Limit of the container, the file system's cache included. */
  memoryMb: number;
  parameters: Record<string, string>;
  /** Password of postgres where the volume already holds a cluster; a new one unless given. */
  password?: string;
}

/** Starts a throwaway server on a free port of 127.0.0.1. */
export async function startServer(workspace: Workspace, args: ServerArgs): Promise<Server> {
  const name = `${workspace.prefix}-${args.name}`;
  const { password = randomBytes(16).toString("hex") } = args;
  const file = join(workspace.directory, `${args.name}-password`);
  // For the user of the container, whoever that is here: the folder around it is closed to others.
  await writeFile(file, password, { mode: 0o644 });
  await docker([
    ...["run", "--detach", "--init", "--name", name, "--stop-signal", "SIGINT"],
    ...["--memory", `${args.memoryMb}m`, "--memory-swap", `${args.memoryMb}m`, "--shm-size", "1g"],
    ...["--publish", "127.0.0.1:0:5432", "--volume", `${name}-data:/var/lib/postgresql/data`],
    ...["--volume", `${file}:/run/bench/password:ro`, "--env", "POSTGRES_PASSWORD_FILE=/run/bench/password"],
    ...[args.image, "postgres-without-patroni"],
    ...Object.entries(args.parameters).flatMap(([parameter, value]) => ["-c", `${parameter}=${value}`]),
  ]);
  const port = Number((await docker(["port", name, "5432/tcp"])).split("\n")[0]!.split(":").at(-1));
  const target = { port, database: "postgres", user: "postgres", password };
  const server = {
    ...target,
    container: name,
    query: async (statement: string) => {
      await query({ ...target, host: "127.0.0.1" }, statement);
    },
  };
  await eventually(`${args.name} server answers`, async () => {
    await server.query("SELECT 1");
    return true;
  });
  return server;
}
