import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { PART_KINDS, type PartKind } from "../../lib/parts.ts";

/** Each kind of program has an image of its name. */
export const IMAGES = PART_KINDS;
export type ImageName = PartKind;

/**
 * The number of the user, and of its group, that each image's containers run as; the Dockerfiles give it to the package's
 * user. A number of its own each: the kernel counts a user's processes over all containers.
 */
export const IMAGE_USERS: Readonly<Record<ImageName, number>> = {
  etcd: 851,
  haproxy: 852,
  pgbouncer: 853,
  postgres: 854,
  redis: 855,
};

/** What is in an image, as a CycloneDX document: written when it is built. */
export const SBOM_FILE = "/usr/share/doc/acgs-db/sbom.cdx.json";

/** The folder that all images are built from, and the one in it whose scripts they share. */
const CONTEXT = "images";
const SHARED = "common";
/** Copied into a build where a machine has a certificate bundle of its own; no part of the image. */
const NOT_CONTENT = /^ca-bundle/;

/** From what an image is built: the context is relative to the project's folder, the Dockerfile to the context. */
export function imageBuild(image: ImageName): { context: string; dockerfile: string } {
  return { context: CONTEXT, dockerfile: `${image}/Dockerfile` };
}

/**
 * The name of an image on an engine. Its tag is a hash over the files of its folder and of the shared one: two stacks with
 * the same files so share an image, and a changed file shows in the preview as another name.
 *
 * @param project  the project's folder
 */
export function imageName(image: ImageName, project = "."): string {
  return `acgs-db/${image}:${contentHash(join(project, CONTEXT), [SHARED, image])}`;
}

/** 12 hexadecimal digits over the names and the content of all files below the folders. */
function contentHash(context: string, folders: readonly string[]): string {
  const hash = createHash("sha256");
  const files = folders
    .flatMap((folder) => readdirSync(join(context, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !NOT_CONTENT.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) {
    const content = readFileSync(file);
    hash.update(`${relative(context, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex").slice(0, 12);
}
