import { spawn } from "node:child_process";

/**
 * Runs the `docker` command-line client against an endpoint, without a shell.
 *
 * @param endpoint  as the stack configuration gives it, such as `unix:///var/run/docker.sock`
 * @param input     what the command reads from its standard input
 * @returns         its standard output
 * @throws Error    with the command's own message when it fails or is not installed
 */
export function dockerCommand(endpoint: string, args: readonly string[], input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("docker", ["--host", endpoint, ...args], { stdio: ["pipe", "pipe", "pipe"] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (data: Buffer) => out.push(data));
    child.stderr.on("data", (data: Buffer) => err.push(data));
    child.stdin.on("error", () => undefined); // the exit status tells
    child.on("error", (error: NodeJS.ErrnoException) => {
      reject(
        error.code === "ENOENT"
          ? new Error("The docker command-line client is needed and not on PATH: install it.")
          : error,
      );
    });
    child.on("close", (status) => {
      if (status === 0) resolve(Buffer.concat(out).toString());
      else reject(new Error(`docker ${args[0]} failed: ${Buffer.concat(err).toString().trim()}`));
    });
    child.stdin.end(input);
  });
}
