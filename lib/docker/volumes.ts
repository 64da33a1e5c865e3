import { ask } from "./client.ts";

/** Names of volumes. @param name  a regular expression */
export async function listVolumes(docker: string, name: string): Promise<string[]> {
  const query = { filters: { name: [name] } };
  const { Volumes } = await ask<{ Volumes: { Name: string }[] | null }>(docker, { path: "/volumes", query });
  return (Volumes ?? []).map(({ Name }) => Name);
}
