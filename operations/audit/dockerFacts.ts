import { z } from "zod";
import { ask, pathOf } from "../../lib/docker/client.ts";
import { exec } from "../../lib/docker/exec.ts";
import { imageHistory } from "../../lib/docker/images.ts";
import { type AuditedContainer, type Engine, inspectedSchema } from "./facts.ts";

/** A container of the stack's state. */
export interface Placed {
  /** Endpoint of its engine. */
  docker: string;
  /** Its name there. */
  name: string;
}

const infoSchema = z.object({
  SecurityOptions: z.array(z.string()).nullish(),
  Swarm: z.object({ LocalNodeState: z.string() }),
});

const imageSchema = z.object({
  Id: z.string(),
  Created: z.string(),
  RepoTags: z.array(z.string()).nullish(),
  Config: z.object({
    Labels: z.record(z.string(), z.string()).nullish(),
    Healthcheck: z.object({ Test: z.array(z.string()).nullish() }).nullish(),
  }),
});

type Image = z.infer<typeof imageSchema> & { history: string[] };

/** Reads engines and containers, one question at a time for each engine. @throws with the engine's message */
export async function dockerFacts(
  placed: readonly Placed[],
): Promise<{ engines: Engine[]; containers: AuditedContainer[] }> {
  const engines: Engine[] = [];
  const containers: AuditedContainer[] = [];
  for (const docker of new Set(placed.map((one) => one.docker))) {
    const engine = await readEngine(docker);
    engines.push(engine);
    const names = placed.filter((one) => one.docker === docker).map(({ name }) => name);
    const inspected = await Promise.all(names.map((name) => inspect(docker, name)));
    const images = await readImages(docker, [...new Set(inspected.map(({ Image }) => Image))]);
    for (const [i, one] of inspected.entries()) {
      const name = names[i]!;
      if (!one.State.Running) throw new Error(`container ${name} does not run`);
      const image = images.get(one.Image)!;
      const { setuid, tools, sshd } = await lookInside(docker, name);
      containers.push({
        name,
        engine,
        inspected: one,
        image: {
          name: image.RepoTags?.[0] ?? image.Id,
          created: image.Created,
          labels: image.Config.Labels ?? {},
          hasHealthcheck: (image.Config.Healthcheck?.Test ?? []).length > 0,
          history: image.history,
        },
        setuid,
        tools,
        sshd,
      });
    }
  }
  return { engines, containers };
}

async function readEngine(docker: string): Promise<Engine> {
  const info = infoSchema.parse(await ask<unknown>(docker, { path: "/info" }));
  return { name: docker, securityOptions: info.SecurityOptions ?? [], swarm: info.Swarm.LocalNodeState };
}

async function inspect(docker: string, name: string) {
  const found = await ask<unknown>(docker, { path: pathOf`/containers/${name}/json` });
  return inspectedSchema.extend({ Name: z.string(), Image: z.string() }).parse(found);
}

async function readImages(docker: string, ids: readonly string[]): Promise<Map<string, Image>> {
  const read = async (id: string) => {
    const image = imageSchema.parse(await ask<unknown>(docker, { path: pathOf`/images/${id}/json` }));
    return [id, { ...image, history: await imageHistory(docker, id) }] as const;
  };
  return new Map(await Promise.all(ids.map(read)));
}

/** What `find` may not read is not of the container's user, and is passed over; its exit status then says nothing. */
const LOOK = `find / -xdev -type f -perm /6000 2>/dev/null
for tool in cc gcc c++ clang ld make apt apt-get pip pip3 curl wget nc ncat; do
  path=$(command -v "$tool") && echo "tool $path"
done
for file in /usr/sbin/sshd /usr/bin/sshd /usr/sbin/dropbear; do [ -e "$file" ] && echo "sshd $file"; done
exit 0`;

type Look = Pick<AuditedContainer, "setuid" | "tools" | "sshd">;

async function lookInside(docker: string, name: string): Promise<Look> {
  const lines = (await exec({ docker, container: name }, ["sh", "-c", LOOK])).split("\n").filter(Boolean);
  return {
    setuid: lines.filter((line) => line.startsWith("/")).sort(),
    tools: lines.filter((line) => line.startsWith("tool ")).map((line) => line.slice("tool ".length)),
    sshd: lines.some((line) => line.startsWith("sshd ")),
  };
}
