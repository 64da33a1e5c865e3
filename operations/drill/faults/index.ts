import type { FaultName } from "../names.ts";
import type { Fault } from "./fault.ts";
import { leaderIsolated, leaderKilled, leaderStopped, postmasterKilled } from "./leader.ts";
import {
  etcdDown,
  etcdLeaderKilled,
  none,
  poolerKilled,
  powerCut,
  redisMasterKilled,
  replicaKilled,
  routerKilled,
} from "./others.ts";
import { switchover } from "./switchover.ts";
import { volumeFull } from "./volumeFull.ts";

export const FAULTS: Readonly<Record<FaultName, Fault>> = {
  none,
  switchover,
  "postmaster-killed": postmasterKilled,
  "leader-killed": leaderKilled,
  "leader-paused": leaderStopped,
  "leader-isolated": leaderIsolated,
  "replica-killed": replicaKilled,
  "router-killed": routerKilled,
  "pooler-killed": poolerKilled,
  "redis-master-killed": redisMasterKilled,
  "etcd-leader-killed": etcdLeaderKilled,
  "etcd-down": etcdDown,
  "volume-full": volumeFull,
  "all-killed": powerCut,
};
