import type { ContainerAddress } from "../docker.ts";
import type { PoolerInstance } from "../pooler/console.ts";

/** What stands between clients and the PostgreSQL members, by alias: held and drained while members are changed. */
export interface Chain {
  poolers: Record<string, PoolerInstance>;
  routers: Record<string, ContainerAddress>;
  /** Of PgBouncer's console. */
  poolerPassword: string;
}
