import { aliasOf } from "../docker/placement.ts";
import { hostList } from "../pgbouncer/databasesSection.ts";

/** HAProxies that a stack may have. */
export const MAX_HAPROXY_INSTANCES = 4;

/**
 * The names under which PgBouncer asks for a member's certificate: those of the routers, and their list as {@link hostList}
 * has it. They are for every number of routers that a stack may have: so certificates stay as they are when one is added or
 * taken away, and clients find the right ones at each moment of such an update.
 */
export function haproxyNames(): string[] {
  const routers = Array.from({ length: MAX_HAPROXY_INSTANCES }, (_, i) => aliasOf("haproxy", i));
  return [...routers, ...routers.slice(1).map((_, i) => hostList(routers.slice(0, i + 2)))];
}
