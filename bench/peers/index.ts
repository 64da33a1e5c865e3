import type { Parameters, PeerHost } from "./peerHost.ts";
import { pgtune } from "./pgtune.ts";
import { pigsty } from "./pigsty.ts";
import { timescaledbTune } from "./timescaledbTune.ts";

export type { Parameters, PeerHost } from "./peerHost.ts";

/** What others give a host, by the names that the table shows. PostgreSQL's own defaults are no parameters at all. */
export const PEERS: Readonly<Record<string, (host: PeerHost) => Parameters>> = {
  default: () => ({}),
  "pgtune oltp": (host) => pgtune("oltp", host),
  "pgtune mixed": (host) => pgtune("mixed", host),
  "timescaledb-tune": timescaledbTune,
  "Pigsty oltp": pigsty,
};
