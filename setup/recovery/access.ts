import type { PoolerInstance } from "../../components/pooler/console.ts";
import type { ParametersInputs } from "../../components/postgres/membersOf.ts";
import { revealed } from "../../components/stack/exportedState.ts";
import { POSTGRESQL_PROVIDER, resourcesOf, type Deployment } from "./deployment.ts";

/** How the machinery reaches PostgreSQL's members: of the inputs of their parameters. */
export type MembersAccess = Pick<ParametersInputs, "members" | "restUser" | "restPassword">;

/** How the machinery reaches the parts of a running stack. Secrets are in plain. */
export interface StackAccess {
  postgres: MembersAccess | undefined;
  poolers: { instances: Record<string, PoolerInstance>; password: string } | undefined;
}

/** @param deployment  from an export with secrets */
export function stackAccess(deployment: Deployment): StackAccess {
  const inputs = <T>(type: string): T | undefined => {
    const [found] = resourcesOf(deployment, `pulumi-nodejs:dynamic/acgs:${type}`);
    return found && (revealed(found.inputs) as T);
  };
  return {
    postgres: inputs("PostgresParameters"),
    poolers: inputs("Pools"),
  };
}

/** Where resources reach the primary, by a state with or without secrets. */
export function serverAddress(deployment: Deployment): { host: string; port: number } | undefined {
  const [provider] = resourcesOf(deployment, POSTGRESQL_PROVIDER);
  const { host, port } = provider?.inputs ?? {};
  return typeof host === "string" ? { host, port: Number(port) } : undefined;
}
