export type Storage = "ssd" | "nvme" | "hdd";
export type Workload = "oltp" | "mixed" | "olap";

/** What one member of the cluster runs on, and for. */
export interface SizingHost {
  /** Memory of the member's container in MB. */
  memoryMb: number;
  cpus: number;
  storage: Storage;
  workload: Workload;
  maxConnections: number;
  /** PostgreSQL members of the cluster, the primary among them. */
  members: number;
}
