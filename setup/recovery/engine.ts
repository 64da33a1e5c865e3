import { dockerCommand } from "../../components/docker.ts";
import { messageOf } from "../fault.ts";
import type { SeenContainer, SeenEngine, SeenNetwork } from "./containers.ts";

/** What an engine has under a prefix. @throws Error when the engine does not answer */
export async function lookAtEngine(endpoint: string, prefix: string): Promise<SeenEngine> {
  const lines = async (args: string[]) =>
    (await dockerCommand(endpoint, args))
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split("\t"));
  const [containers, networks, volumes] = await Promise.all([
    lines([
      ...["ps", "--all", "--no-trunc", "--filter", `name=^${prefix}-`],
      ...["--format", "{{.ID}}\t{{.Names}}\t{{.State}}\t{{.Status}}"],
    ]),
    lines([
      ...["network", "ls", "--no-trunc", "--filter", `name=^${prefix}$`],
      ...["--format", "{{.ID}}\t{{.Name}}"],
    ]),
    lines(["volume", "ls", "--filter", `name=^${prefix}-`, "--format", "{{.Name}}"]),
  ]);
  return {
    containers: containers.map(([id = "", name = "", state = "", status = ""]) => ({
      id,
      name,
      state,
      status,
    })),
    networks: networks.map(([id = "", name = ""]) => ({ id, name })),
    volumes: volumes.flat(),
  };
}

/** Of these containers, those that were made of one of this project's images. */
export async function ofOwnImage(endpoint: string, containers: SeenContainer[]): Promise<SeenContainer[]> {
  if (containers.length === 0) return [];
  const images = await dockerCommand(endpoint, [
    "images",
    "--no-trunc",
    "--format",
    "{{.ID}}\t{{.Repository}}",
  ]);
  const own = new Set(
    images
      .split("\n")
      .map((line) => line.split("\t"))
      .filter(([, repository]) => repository?.startsWith("acgs-db/"))
      .map(([id]) => id),
  );
  const args = ["inspect", "--format", "{{.Id}}\t{{.Image}}", ...containers.map(({ id }) => id)];
  const made = new Map(
    (await dockerCommand(endpoint, args)).split("\n").map((line) => line.split("\t") as [string, string]),
  );
  return containers.filter(({ id }) => own.has(made.get(id)));
}

/** Stops a container in the time that it was made with, and removes it. Its named volumes, with the data, stay. */
export async function removeContainer(endpoint: string, { id }: SeenContainer): Promise<void> {
  await dockerCommand(endpoint, ["stop", id]);
  await dockerCommand(endpoint, ["rm", "--force", id]).catch((error: unknown) => {
    if (!/No such container|already in progress/.test(messageOf(error))) throw error;
  });
}

/** Removes a network that no container is on. @returns false when there is one */
export async function removeNetwork(endpoint: string, { id }: SeenNetwork): Promise<boolean> {
  const count = await dockerCommand(endpoint, ["network", "inspect", "--format", "{{len .Containers}}", id]);
  if (count.trim() !== "0") return false;
  await dockerCommand(endpoint, ["network", "rm", id]);
  return true;
}

/** Starts a container that is stopped, and lets one that is paused go on. */
export async function startContainer(endpoint: string, { id, state }: SeenContainer): Promise<void> {
  await dockerCommand(endpoint, [state === "paused" ? "unpause" : "start", id]);
}
