import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { UserError, messageOf } from "../../lib/errors.ts";
import { withLock } from "../../lib/lock.ts";
import { cacheDir } from "../../lib/paths.ts";
import { capture, runLogged } from "../../lib/process.ts";
import { say, step } from "../../lib/progress.ts";
import { isKnownUnreachable, rememberUnreachable, runReaching } from "../reach.ts";
import { asRoot, installPackages } from "../system.ts";
import { hasImage } from "./engine.ts";

/** What images/ is built FROM. */
const SUITES = ["bookworm", "trixie"] as const;
type Suite = (typeof SUITES)[number];

const REGISTRY = "image-registry";
const RECIPE = join(import.meta.dirname, "base-image.sh");

/**
 * Gives the engine the Debian images that images/ starts from: pulled, or, where the registry is out of reach, made with
 * debootstrap. What was made is kept in the cache, so that another engine only imports it. ACGS_DB_DEBIAN_MIRROR names
 * another mirror of Debian than debootstrap's own.
 */
export async function ensureBaseImages(endpoint: string): Promise<void> {
  for (const suite of SUITES) {
    const image = `debian:${suite}-slim`;
    if (await hasImage(endpoint, image)) continue;
    await withLock(`base-image-${suite}`, async () => {
      if (await hasImage(endpoint, image)) return;
      if (!isKnownUnreachable(REGISTRY) && (await pulled(endpoint, image))) return;
      const archive = await madeArchive(suite);
      await step(`Base image ${image}: import`, (logFile) => {
        const changes = ["--change", 'CMD ["bash"]'];
        return runLogged("docker", ["-H", endpoint, "import", ...changes, archive, image], logFile);
      });
    });
  }
}

async function pulled(endpoint: string, image: string): Promise<boolean> {
  try {
    await step(`Base image ${image}: pull`, (logFile) =>
      runReaching("docker", ["-H", endpoint, "pull", image], { reached: /Pulling from/, logFile }),
    );
    return true;
  } catch (error) {
    rememberUnreachable(REGISTRY, messageOf(error));
    say(
      "  The image registry is out of reach: Debian's own packages are used, and it is not tried again for a day.",
    );
    return false;
  }
}

/** The file system of a suite as a tar archive in the cache, keyed by the recipe that makes it. */
async function madeArchive(suite: Suite): Promise<string> {
  const recipe = createHash("sha256")
    .update(readFileSync(RECIPE))
    .update(process.arch)
    .digest("hex")
    .slice(0, 16);
  const directory = join(cacheDir, "base-images");
  const archive = join(directory, `${suite}-${recipe}.tar.gz`);
  if (existsSync(archive)) return archive;

  if (process.platform !== "linux") {
    throw new UserError(
      `debian:${suite}-slim cannot be pulled, and can be made on Linux only: give the engine that image, then try again.`,
    );
  }
  const tool = await capture("sh", ["-c", "command -v debootstrap || ls /usr/sbin/debootstrap"]);
  if (tool.status !== 0) {
    await installPackages("debootstrap: apt-get install", ["debootstrap", "debian-archive-keyring"]);
  }
  const prefix = await asRoot(`make debian:${suite}-slim with debootstrap`);
  mkdirSync(directory, { recursive: true });
  const mirror = process.env["ACGS_DB_DEBIAN_MIRROR"] ? [process.env["ACGS_DB_DEBIAN_MIRROR"]] : [];
  const scratch = `${archive}.${process.pid}`;
  await step(`Base image debian:${suite}-slim: debootstrap`, async (logFile) => {
    try {
      const [command = "", ...args] = [...prefix, "bash", RECIPE, suite, scratch, ...mirror];
      await runLogged(command, args, logFile, { timeout: 15 * 60_000 });
      renameSync(scratch, archive);
    } finally {
      rmSync(scratch, { force: true });
    }
  });
  return archive;
}
