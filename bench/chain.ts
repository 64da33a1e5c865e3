import { DATABASE } from "../lib/names.ts";
import { Patroni } from "../components/postgres/patroniClient.ts";
import type { StackOutputs } from "../components/stack/outputs.ts";
import type { RunningStack } from "./runningStack.ts";
import type { Target } from "./pgbench.ts";

/** The two ways to the primary, as a service in a container on the stack's network takes them. */
export interface Chain {
  /** Through PgBouncer and HAProxy. */
  pooled(login: string): Target;
  /** Straight to the primary: one server connection per client. */
  straight(login: string): Target;
  /** The containers that serve it: pooler, router, and the PostgreSQL members. */
  containers: string[];
}

/** Reads from the outputs of a running stack how to get to its primary. */
export async function chainOf(stack: RunningStack): Promise<Chain> {
  const outputs = await stack.outputs();
  const primary = await primaryOf(outputs);
  const members = outputs.postgres.members.map(({ name }) => name);
  const target = (login: string, way: { host: string; port: number; database?: string }): Target => {
    const { username, password, pathname } = new URL(urlOf(outputs, login));
    const plain = decodeURIComponent;
    return {
      ...{ network: stack.prefix, user: plain(username), password: plain(password) },
      ...{ database: plain(pathname.slice(1)), tls: true, ...way },
    };
  };
  return {
    pooled: (login) => target(login, { host: "pgbouncer-1", port: 6432 }),
    // The pooler knows a database of each login, which is a pool; the server has one for all.
    straight: (login) => target(login, { host: primary, port: 5432, database: DATABASE }),
    containers: ["pgbouncer-1", "haproxy-1", ...members].map((alias) => stack.container(alias)),
  };
}

export function urlOf(outputs: StackOutputs, login: string): string {
  const service = outputs.services[login as keyof StackOutputs["services"]];
  if (!service) throw new Error(`The stack has no login ${login}.`);
  return service.url;
}

/** The name of the member that takes writes. */
export async function primaryOf(outputs: StackOutputs): Promise<string> {
  const primary = await Patroni.ofStack(outputs).leader();
  if (primary === undefined) throw new Error("No member is the primary.");
  return primary;
}
