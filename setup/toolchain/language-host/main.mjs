// Entry of the language host. Plain JavaScript, so that an old Node can still say what is wrong with it.
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `pulumi-language-nodejs needs Node 22.18 or later (it runs TypeScript as it is), but "node" on PATH is ${process.version}.`,
  );
  process.exit(1);
}
const here = dirname(fileURLToPath(import.meta.url));
const { serve } = await import(pathToFileURL(join(here, "server.ts")).href);
await serve(process.argv.slice(2));
