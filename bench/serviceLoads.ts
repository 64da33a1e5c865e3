import type { Shown } from "./comparison.ts";
import { AUDIT_BATCH, AUDIT_WRITE, AUTHENTICATION, BATCH, POLICY_DECISION, POLICY_LOOKUP } from "./loads.ts";
import type { Script } from "./pgbench.ts";

/** What a service does most, under its own login. */
export interface ServiceLoad {
  name: string;
  login: string;
  script: Script;
  clients: number;
  /** Transactions a second; as many as go unless given. */
  rate?: number;
  shown: Shown[];
  /** Rows of one transaction. */
  rows?: number;
}

const p95 = (atMost?: number): Shown => ({
  figure: "p95",
  unit: "ms",
  ...(atMost !== undefined && { goal: { atMost } }),
});
export const SERVICE_LOADS: readonly ServiceLoad[] = [
  {
    name: "policy decisions, 32 clients",
    ...{ login: "pgc_service", script: POLICY_DECISION, clients: 32 },
    shown: [{ figure: "tps", unit: "tps", goal: { atLeast: 5_000 } }, p95(10)],
  },
  {
    name: "policy look-ups, 32 clients",
    ...{ login: "pgc_service", script: POLICY_LOOKUP, clients: 32 },
    shown: [{ figure: "tps", unit: "tps", goal: { atLeast: 12_000 } }, p95(5)],
  },
  {
    name: "audit writes one by one, 32 clients",
    ...{ login: "integrity_service", script: AUDIT_WRITE, clients: 32 },
    shown: [{ figure: "tps", unit: "tps", goal: { atLeast: 5_000 } }, p95()],
  },
  {
    name: `audit writes by ${BATCH}, 4 clients`,
    ...{ login: "integrity_service", script: AUDIT_BATCH, clients: 4, rows: BATCH },
    shown: [{ figure: "rows", unit: "rows/s", goal: { atLeast: 30_000 } }, p95()],
  },
  {
    name: "authentications, 100 clients at 2,000/s",
    ...{ login: "auth_service", script: AUTHENTICATION, clients: 100, rate: 2_000 },
    shown: [{ figure: "tps", unit: "tps", goal: { atLeast: 100 } }, p95(5)],
  },
  {
    name: "authentications, 100 clients without a pause",
    ...{ login: "auth_service", script: AUTHENTICATION, clients: 100 },
    shown: [{ figure: "tps", unit: "tps" }, p95(5)],
  },
];
