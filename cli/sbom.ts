import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { IMAGES, imageName, SBOM_FILE } from "../components/docker/imageNames.ts";
import { runContainer } from "../lib/docker/runStream.ts";
import { UserError } from "../lib/errors.ts";
import { projectDir } from "../lib/paths.ts";
import { say } from "../lib/progress.ts";
import { hasImage, LOCAL_ENGINE } from "../setup/docker/engine.ts";
import { define } from "./command.ts";
import { EXIT } from "./exitStatus.ts";
import { operatorPath } from "./output.ts";

/** What is read of a CycloneDX document. */
interface Bill {
  metadata: { component: { version: string } };
  components: unknown[];
}

export const sbom = define<{ folder: string }>({
  name: "sbom",
  group: "Look at a stack:",
  purpose:
    "Writes the bill of materials that was recorded in each image of this checkout, as <image>.cdx.json.",
  words: "[folder]",
  wordsHelp: "[folder] is where the files go (default: sbom).",
  example: "sbom /tmp/sbom",
  read([folder = "sbom", ...more]) {
    if (more.length > 0) throw new UserError(`sbom takes one folder, not ${more.length + 1}.`);
    return { folder };
  },
  async run({ folder }) {
    const directory = operatorPath(folder);
    const endpoint = LOCAL_ENGINE;
    for (const image of IMAGES) {
      const name = imageName(image, projectDir);
      if (!(await hasImage(endpoint, name)))
        throw new UserError(`The image ${name} is not on the engine ${endpoint}: \`npm run up\` builds it.`);
      const text = await runContainer(endpoint, {
        ...{ Image: name, Entrypoint: ["cat"], Cmd: [SBOM_FILE] },
        HostConfig: { NetworkMode: "none", ReadonlyRootfs: true },
      });
      const { metadata, components } = JSON.parse(text) as Bill;
      const file = join(directory, `${image}.cdx.json`);
      mkdirSync(directory, { recursive: true });
      writeFileSync(file, text);
      say(`✓ ${image} ${metadata.component.version}: ${components.length} components in ${file}`);
    }
    return EXIT.ok;
  },
});
