import { ask, pathOf } from "./client.ts";
import { unlessAbsent } from "./containers.ts";

/** What an engine tells of an image, as far as this project asks. */
export interface ImageInfo {
  Id: string;
  /** When it was made. */
  Created: string;
  RepoTags?: string[] | null;
  Config: {
    Labels?: Record<string, string> | null;
    Healthcheck?: { Test?: string[] | null } | null;
  };
}

/** An image by name or id; undefined where the engine has none. @throws where the engine does not tell */
export function inspectImage(docker: string, image: string): Promise<ImageInfo | undefined> {
  return unlessAbsent(ask<ImageInfo>(docker, { path: pathOf`/images/${image}/json` }));
}

/** All images with a name. */
export function listImages(docker: string): Promise<{ Id: string; RepoTags?: string[] | null }[]> {
  return ask(docker, { path: "/images/json" });
}

/** What made each of an image's layers, the last one first. */
export async function imageHistory(docker: string, image: string): Promise<string[]> {
  const layers = await ask<{ CreatedBy: string }[]>(docker, { path: pathOf`/images/${image}/history` });
  return layers.map(({ CreatedBy }) => CreatedBy).filter(Boolean);
}
