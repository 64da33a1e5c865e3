import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { engineEndpoint, hasImage } from "../setup/docker/engine.ts";
import { runContainer } from "../lib/docker/runStream.ts";
import { UserError } from "../lib/errors.ts";
import { projectDir } from "../lib/paths.ts";
import { say } from "../lib/progress.ts";

/** The parts of a CycloneDX document that are told. */
interface Bill {
  metadata: { component: { version: string } };
  components: unknown[];
}

/**
 * `npm run sbom -- [folder]`: writes the bill of materials of each image of this checkout, as it was recorded when the image
 * was built, to `<image>.cdx.json`. Returns the exit status.
 * @throws Fault where an image is not built yet
 */
export async function runSbom(args: string[]): Promise<number> {
  const folder = resolve(process.env["INIT_CWD"] ?? process.cwd(), folderOf(args));
  const { imageName, IMAGES, SBOM_FILE } = await import("../components/docker/images.ts");
  const endpoint = engineEndpoint();
  for (const image of IMAGES) {
    const name = imageName(image, projectDir);
    if (!(await hasImage(endpoint, name)))
      throw new UserError(`The image ${name} is not on the engine ${endpoint}: \`npm run up\` builds it.`);
    const text = await runContainer(endpoint, {
      ...{ Image: name, Entrypoint: ["cat"], Cmd: [SBOM_FILE] },
      HostConfig: { NetworkMode: "none", ReadonlyRootfs: true },
    });
    const { metadata, components } = JSON.parse(text) as Bill;
    const file = join(folder, `${image}.cdx.json`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
    say(
      `✓ ${image} ${metadata.component.version}: ${components.length} components in ${relative(".", file)}`,
    );
  }
  return 0;
}

function folderOf(args: string[]): string {
  const [folder = "sbom", ...more] = args;
  if (more.length > 0 || folder.startsWith("-"))
    throw new UserError(`sbom takes the folder to write to (default: sbom), not ${args.join(" ")}.`);
  return folder;
}
