import * as pulumi from "@pulumi/pulumi";
import type { ContainerAddress } from "../../../lib/docker/client.ts";
import type { Trusting } from "../../../lib/trust.ts";
import type { PgBouncerInstance } from "../../../lib/pgbouncerConsole.ts";

/** What stands between clients and the PostgreSQL members, by alias: held and drained while members are changed. */
export interface ProxyPath {
  poolers: Record<string, PgBouncerInstance>;
  routers: Record<string, ContainerAddress>;
  /** Of PgBouncer's console: all that may be valid, the one to use first. */
  poolerPasswords: readonly string[];
}

/** The same before it is known, for resources that hand it to their providers. */
export type ProxyPathArgs = Omit<ProxyPath, "poolers" | "poolerPasswords"> & {
  poolers: Record<string, Trusting<PgBouncerInstance>>;
  poolerPasswords: pulumi.Input<readonly string[]>;
};

/** As an input of a resource: its password is encrypted in the state. */
export function proxyPathInput(proxies: ProxyPathArgs): ProxyPathArgs {
  return { ...proxies, poolerPasswords: pulumi.secret(proxies.poolerPasswords) };
}
