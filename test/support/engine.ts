import { execFile } from "node:child_process";
import { promisify } from "node:util";

export async function docker(args: string[]): Promise<string> {
  return (await promisify(execFile)("docker", args, { maxBuffer: 64 << 20 })).stdout;
}

/** `kind name` of every container, volume and network whose name starts with a prefix. */
export async function leftOnEngine(prefix: string): Promise<string[]> {
  const list = async (kind: string, args: string[]) =>
    (await docker(args))
      .split("\n")
      .filter((name) => name.startsWith(prefix))
      .map((name) => `${kind} ${name}`);
  return [
    ...(await list("container", ["ps", "-a", "--format", "{{.Names}}"])),
    ...(await list("volume", ["volume", "ls", "--format", "{{.Name}}"])),
    ...(await list("network", ["network", "ls", "--format", "{{.Name}}"])),
  ];
}

/** Removes what {@link leftOnEngine} has found, as far as that can be done. */
export async function sweep(left: readonly string[]): Promise<void> {
  for (const line of left) {
    const [kind, name] = line.split(" ") as [string, string];
    const args = kind === "container" ? ["rm", "-f", "-v", name] : [kind, "rm", name];
    await docker(args).catch(() => undefined);
  }
}
