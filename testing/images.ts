import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { inspectImage } from "../lib/docker/images.ts";
import { imageName, type ImageName } from "../components/docker/images.ts";

export const ENGINE = process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";

/**
 * The id of an image of this project, built from `images/` unless the engine has it already under the hash of
 * its files: the same tag as a stack gives it, so tests and stacks share builds.
 */
export async function buildImage(name: ImageName): Promise<string> {
  const tag = imageName(name);
  const present = await inspectImage(ENGINE, tag);
  if (present) return present.Id;
  // By the command: it knows the operator's log-ins to registries, and its builder.
  await promisify(execFile)("docker", ["--host", ENGINE, "build", "--quiet", "--tag", tag, `images/${name}`]);
  return (await inspectImage(ENGINE, tag))!.Id;
}
