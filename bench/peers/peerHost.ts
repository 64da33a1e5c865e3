/** What a peer's rules ask of the host. Each is told the same. */
export interface PeerHost {
  memoryMb: number;
  cpus: number;
  storage: "ssd" | "nvme" | "hdd";
  maxConnections: number;
  /** Size of the file system that the data lie on, in bytes. */
  diskBytes: number;
}

/** Parameters by name, as PostgreSQL takes them. */
export type Parameters = Record<string, string>;
