import { DEPLOYER, LOGIN_ACCOUNTS, ROTATION_LOGINS } from "../lib/names.ts";
import type { PgBouncerInstance } from "../lib/pgbouncerConsole.ts";
import type { ParametersInputs } from "../components/postgres/applyParameters.ts";
import { TYPE } from "../lib/pulumi/types.ts";
import { inputsOf, resourcesOf, revealed, type Deployment } from "../lib/pulumi/deployment.ts";

/** How internal accounts reach PostgreSQL's members: of the inputs of their parameters. */
export type MembersAccess = Pick<ParametersInputs, "members" | "restUser" | "restPasswords">;

/** How internal accounts reach the parts of a running stack. Secrets are in plain. */
export interface StackAccess {
  postgres: MembersAccess | undefined;
  poolers: { instances: Record<string, PgBouncerInstance>; passwords: string[] } | undefined;
  /** Verifiers of the logins' passwords as the stack has them, by login; the deployer's once its login was made. */
  verifiers: Record<string, string>;
}

/** @param deployment  from an export with secrets */
export function stackAccess(deployment: Deployment): StackAccess {
  return {
    postgres: inputsOf(deployment, TYPE.parameters),
    poolers: inputsOf(deployment, TYPE.pools),
    verifiers: verifiersIn(deployment),
  };
}

function verifiersIn(deployment: Deployment): Record<string, string> {
  const made = resourcesOf(deployment, TYPE.passwords).map(
    ({ outputs }) => revealed(outputs) as { verifiers?: Record<string, string> },
  );
  const all = Object.assign({}, ...made.map(({ verifiers }) => verifiers)) as Record<string, string>;
  const known = [...LOGIN_ACCOUNTS, ...ROTATION_LOGINS];
  const logins = Object.entries(all).filter(([login]) => known.includes(login));
  const { verifier } = inputsOf<{ verifier?: string }>(deployment, TYPE.deployer) ?? {};
  // Empty where a refresh has found another: the next update sets it.
  return Object.fromEntries(verifier ? [...logins, [DEPLOYER, verifier]] : logins);
}

/** Where resources reach the primary, by a state with or without secrets. */
export function serverAddress(deployment: Deployment): { host: string; port: number } | undefined {
  const [provider] = resourcesOf(deployment, TYPE.postgresqlProvider);
  const { host, port } = provider?.inputs ?? {};
  return typeof host === "string" ? { host, port: Number(port) } : undefined;
}
