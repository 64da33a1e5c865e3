/** The faults that a drill can put on a stack, in the order of `all`: the control first, the harshest last. */
export const FAULT_NAMES = [
  "none",
  "switchover",
  "postmaster-killed",
  "leader-killed",
  "leader-paused",
  "leader-isolated",
  "replica-killed",
  "router-killed",
  "pooler-killed",
  "redis-master-killed",
  "etcd-leader-killed",
  "etcd-down",
  "volume-full",
  "all-killed",
] as const;

export type FaultName = (typeof FAULT_NAMES)[number];
