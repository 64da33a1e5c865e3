import { ask, pathOf } from "./client.ts";
import { unlessAbsent } from "./containers.ts";

/** Names of volumes. @param name  a regular expression */
export async function listVolumes(docker: string, name: string): Promise<string[]> {
  const query = { filters: { name: [name] } };
  const { Volumes } = await ask<{ Volumes: { Name: string }[] | null }>(docker, { path: "/volumes", query });
  return (Volumes ?? []).map(({ Name }) => Name);
}

/** Removes a volume with its data; nothing where there is none. @throws Conflict where a container has it */
export async function removeVolume(docker: string, name: string): Promise<void> {
  await unlessAbsent(ask(docker, { method: "DELETE", path: pathOf`/volumes/${name}` }));
}
