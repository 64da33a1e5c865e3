import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { inspectImage } from "../lib/docker/images.ts";
import { imageBuild, imageName, type ImageName } from "../components/docker/imageNames.ts";

export const ENGINE = process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";

/**
 * The id of an image of this project, built from `images/` unless the engine has it already under the hash of
 * its files: the same tag as a stack gives it, so tests and stacks share builds.
 */
export async function buildImage(name: ImageName): Promise<string> {
  const tag = imageName(name);
  const present = await inspectImage(ENGINE, tag);
  if (present) return present.Id;
  const { context, dockerfile } = imageBuild(name);
  // By the command: it knows the operator's log-ins to registries, and its builder.
  const build = ["build", "--quiet", "--tag", tag, "--file", join(context, dockerfile), context];
  await promisify(execFile)("docker", ["--host", ENGINE, ...build]);
  return (await inspectImage(ENGINE, tag))!.Id;
}
