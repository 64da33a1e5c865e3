import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isNamedByContent } from "../../components/docker/hardening.ts";
import { TYPE } from "../../lib/pulumi/types.ts";
import type { Resource, ResourceRule } from "../rule.ts";
import { mapping, text } from "../values.ts";

/** What containers are made from: the same tomorrow as today. */
export const IMAGE_RULES: readonly ResourceRule[] = [
  {
    name: "pinned-image",
    description: "A container's image is named by its content, so that it is the same on every host.",
    remedy: "hand it the `imageId` of an image of this project, or a name with `@sha256:…`",
    types: [TYPE.container],
    faults: ({ args: { image } }) =>
      typeof image === "string" && !isNamedByContent(image)
        ? [`takes the image ${image}, which may change under it`]
        : [],
  },
  {
    name: "pinned-build",
    description: "An image is built from bases that name their version, under a tag of its own.",
    remedy: "name a tag other than `latest`, or a digest, in the Dockerfile's FROM and in the image's `name`",
    types: [TYPE.image],
    faults: (image) => imageFaults(image),
  },
];

/** @param readText  reads a file of the project; the program's working directory is the project's root */
export function imageFaults(
  { args: { name, build } }: Resource,
  readText: (path: string) => string = (path) => readFileSync(path, "utf8"),
): string[] {
  const pulled = build === undefined;
  const { context, dockerfile } = mapping(build);
  const unpinned = typeof name === "string" && (pulled ? !isNamedByContent(name) : !hasVersion(name));
  const bases =
    typeof context === "string"
      ? unpinnedBases(readText(join(context, text(dockerfile) ?? "Dockerfile")))
      : [];
  return [
    ...(unpinned ? [`is ${pulled ? "pulled" : "built"} as ${name}, which says nothing of its content`] : []),
    ...bases.map((base) => `is built FROM ${base}, which names no version`),
  ];
}

/** The bases of a Dockerfile that may be another image tomorrow; those that are stages of its own are none. */
export function unpinnedBases(dockerfile: string): string[] {
  const stages = new Set(["scratch"]);
  const unpinned: string[] = [];
  const joined = dockerfile.replaceAll(/\\\r?\n/g, " ");
  for (const [, base = "", stage] of joined.matchAll(
    /^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*(\S+)(?:[ \t]+AS[ \t]+(\S+))?/gim,
  )) {
    // A variable's value may come from outside.
    if (!stages.has(base.toLowerCase()) && (base.includes("$") || !hasVersion(base))) unpinned.push(base);
    if (stage !== undefined) stages.add(stage.toLowerCase());
  }
  return unpinned;
}

/** A port of a registry comes before a slash, a tag after all of them. */
function hasVersion(reference: string): boolean {
  if (isNamedByContent(reference)) return true;
  const tag = /:([^:/]+)$/.exec(reference)?.[1];
  return tag !== undefined && tag !== "latest";
}
