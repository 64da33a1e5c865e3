import { ask } from "./client.ts";

/** What an engine tells of a volume, as far as this project asks. */
export interface VolumeInfo {
  Name: string;
  Labels?: Record<string, string> | null;
}

/** @param name  a regular expression */
export async function listVolumes(docker: string, name: string): Promise<VolumeInfo[]> {
  const query = { filters: { name: [name] } };
  const { Volumes } = await ask<{ Volumes: VolumeInfo[] | null }>(docker, { path: "/volumes", query });
  return Volumes ?? [];
}
