import { join } from "node:path";
import { dockerCommand } from "../lib/docker.ts";
import { imageBuild, imageName, type ImageName } from "../components/docker/images.ts";

export const ENGINE = process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";

/**
 * The id of an image of this project, built from `images/` unless the engine has it already under the hash of
 * its files: the same tag as a stack gives it, so tests and stacks share builds.
 */
export async function buildImage(name: ImageName): Promise<string> {
  const tag = imageName(name);
  const id = async () =>
    (await dockerCommand(ENGINE, ["images", "--no-trunc", "--quiet", "--filter", `reference=${tag}`])).trim();
  const present = await id();
  if (present !== "") return present;
  const { context, dockerfile } = imageBuild(name);
  await dockerCommand(ENGINE, [
    "build",
    "--quiet",
    "--tag",
    tag,
    "--file",
    join(context, dockerfile),
    context,
  ]);
  return id();
}
