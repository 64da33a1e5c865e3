import { installPackages } from "../setup/system.ts";
import { run } from "./process.ts";

/** docker-compose in either generation; the standalone program is installed where there is none. @throws Fault */
export async function composeCommand(): Promise<string[]> {
  const present = await answering();
  if (present) return present;
  await installPackages("docker-compose: apt-get install", ["docker-compose"]);
  return ["docker-compose"];
}

async function answering(): Promise<string[] | undefined> {
  for (const command of [["docker", "compose"], ["docker-compose"]]) {
    const [program = "", ...args] = command;
    try {
      await run(program, [...args, "version"]);
      return command;
    } catch {
      // not there
    }
  }
  return undefined;
}
