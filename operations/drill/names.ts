/** The faults that a drill can put on a stack, in the order of `all`: the control first, the harshest last. */
export const FAULT_NAMES = [
  "none",
  "switchover",
  "postmaster-killed",
  "leader-killed",
  "leader-stopped",
  "leader-isolated",
  "replica-killed",
  "router-killed",
  "pooler-killed",
  "redis-master-killed",
  "etcd-leader-killed",
  "etcd-down",
  "volume-full",
  "power-cut",
] as const;

export type FaultName = (typeof FAULT_NAMES)[number];
