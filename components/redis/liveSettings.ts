/** Settings of Redis by name, as CONFIG SET takes them. */
export type LiveSettings = Record<string, string>;

export interface CacheSize {
  /** Memory for the data of one node, in MB. */
  maxMemoryMb: number;
  /** Client connections of one node. */
  maxClients: number;
}

/** What every node is set to while it runs. Rule of the requirements: allkeys-lru, snapshots and log, 100 or 500 clients. */
export function liveSettings({ maxMemoryMb, maxClients }: CacheSize): LiveSettings {
  return {
    maxmemory: `${maxMemoryMb}mb`,
    "maxmemory-policy": "allkeys-lru",
    maxclients: String(maxClients),
    // Redis' own default, written out: seconds and changes after which a snapshot is made.
    save: "3600 1 300 100 60 10000",
  };
}

/**
 * Memory limit of a node's container, in MB: twice the data and 64 MB.
 *
 * A snapshot or a rewrite of the log forks the process, and until it ends every page that is written exists twice:
 * at worst all of them. The 64 MB hold the program, the buffers of clients and replicas, and fragmentation. A limit
 * below that lets the kernel kill a master just when it saves its data.
 */
export function containerMemoryMb(maxMemoryMb: number): number {
  return 2 * maxMemoryMb + 64;
}

const MEMORY = /^(\d+)(b|kb|mb|gb)$/;

/** Whether a text is an amount of memory with its unit, such as `64mb`. */
export function isMemory(text: string | undefined): text is string {
  return text !== undefined && MEMORY.test(text);
}

/** @throws Error when the text is no amount of memory with its unit */
export function bytesOf(memory: string): number {
  const [, digits, unit] = MEMORY.exec(memory) ?? [];
  if (digits === undefined) {
    throw new Error(`${JSON.stringify(memory)} is no amount of memory for Redis, such as 64mb.`);
  }
  return Number(digits) * { b: 1, kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30 }[unit as "b" | "kb" | "mb" | "gb"];
}

/** A value that Redis reads back, in the unit that the setting is written in here. */
export function asWritten(setting: string, value: string): string {
  if (setting !== "maxmemory") return value;
  const bytes = Number(value);
  return bytes % 2 ** 20 === 0 ? `${bytes / 2 ** 20}mb` : `${bytes}b`;
}
