import type { LiveSettings } from "./liveSettings.ts";
import type { AdminAccess, NodeAddresses } from "./nodes.ts";

/** What of the cluster decides whether slots or roles move. */
export interface ClusterSpec {
  nodes: NodeAddresses;
  masters: number;
  replicasPerMaster: number;
  settings: LiveSettings;
  admin: AdminAccess;
}
