import type { TestProject } from "vitest/node";
import { startServer } from "../../testing/server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The server that all files of the project `sql` share; each makes its own database on it. */
    sqlServer: { host: string; port: number; container: string; superuserPassword: string };
  }
}

/** Vitest's global set-up of the project `sql`: one server for all its files. */
export default async function provideServer(project: TestProject): Promise<() => Promise<void>> {
  const { stop, ...server } = await startServer();
  project.provide("sqlServer", server);
  return stop;
}
