import type { PoolerInstance } from "../../components/pooler/console.ts";
import type { ParametersInputs } from "../../components/postgres/membersOf.ts";
import { revealed } from "../../components/stack/exportedState.ts";
import type { ServerAccess } from "./database.ts";
import { POSTGRESQL_PROVIDER, resourcesOf, type Deployment } from "./deployment.ts";

/** How the machinery reaches PostgreSQL's members: of the inputs of their parameters. */
export type MembersAccess = Pick<
  ParametersInputs,
  "members" | "restUser" | "restPassword" | "superuserPassword"
>;

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

/** @param deployment  from an export with secrets */
export function serverAccess(deployment: Deployment): ServerAccess | undefined {
  const [provider] = resourcesOf(deployment, POSTGRESQL_PROVIDER);
  const [made] = resourcesOf(deployment, "pulumi-nodejs:dynamic/acgs:CertificateAuthority");
  const { host, port, username, password } = revealed(provider?.inputs ?? {}) as Record<string, unknown>;
  const { certificate } = made?.outputs ?? {};
  const texts = [host, username, password, certificate];
  if (!texts.every((text) => typeof text === "string")) return undefined;
  const [server, user, secret, authority] = texts;
  return { host: server!, port: Number(port), user: user!, password: secret!, authority: authority! };
}
