import type { Client } from "../client.ts";
import type { FaultName } from "../names.ts";
import { signalContainer, startContainer } from "../../../lib/docker/containers.ts";
import type { DrillStack, Part } from "../stack.ts";
import type { Undo } from "../undo.ts";

/** What a fault gets to do its work with. */
export interface Ground {
  stack: DrillStack;
  /** The primary when the fault begins. */
  leader: Part;
  undo: Undo;
  /** Port of the Redis master whose slot the first writer uses. */
  redisMaster: number;
}

export interface Fault {
  name: FaultName;
  /** One sentence: what is done, and what ends it. */
  what: string;
  /** Why it cannot be put on this stack, for the reader of the report; undefined when it can. */
  impossible?(stack: DrillStack): Promise<string | undefined> | string | undefined;
  /** Further clients, started before it. */
  clients?(ground: Ground): Client[];
  /** Puts it on the stack. @returns what was done, for the person who watches */
  begin(ground: Ground): Promise<string>;
  /** How long it stays (ms). Without this: until all clients are served again. */
  lasts?: number;
}

/** Kills the container, as the loss of its host would; it stays away until the fault ends. */
export async function kill({ undo }: Pick<Ground, "undo">, parts: readonly Part[]): Promise<string> {
  for (const part of parts) undo.add(`docker start ${part.container}`, () => startContainer(part));
  await Promise.all(parts.map((part) => signalContainer(part, "KILL")));
  return `${parts.map(({ container }) => container).join(", ")} killed`;
}

/** The user that a kind's processes have in their container; its init has another. */
const USER = { haproxy: "haproxy", pgbouncer: "postgres" } as const;

/**
 * Kills the first of a kind. Where there is another, its whole container goes and stays away until the fault ends. A
 * single one loses its processes, as by a crash, and the engine starts its container again.
 */
export async function killFirst(ground: Ground, kind: keyof typeof USER): Promise<string> {
  const [first, ...others] = ground.stack.of(kind);
  if (others.length > 0) return kill(ground, [first!]);
  const everything = ["bash", "-c", "kill -KILL -1"];
  // The command ends with the container.
  await ground.stack.run(first!, everything, { user: USER[kind] }).catch(() => undefined);
  return `the processes of ${first!.container} killed`;
}
