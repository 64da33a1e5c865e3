// Needs no npm package: it runs before `npm ci`.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Variables that lead programs to another server or engine than the stack's, or switch a check off: libpq's, which `pg` and
 * Pulumi's PostgreSQL plugin read too; those of the `docker` command, which its plugin reads; Node's check of certificates.
 */
const MISLEADING =
  /^(PG[A-Z]\w*|DOCKER_(HOST|CONTEXT|API_VERSION|DEFAULT_PLATFORM|(CA|CERT|KEY)_MATERIAL)|NODE_TLS_REJECT_UNAUTHORIZED)$/;
/** An engine at `tcp://` is reached with them; with any other they lead to an error about files that are not there. */
const ENGINE_TLS = /^DOCKER_(TLS|TLS_VERIFY|CERT_PATH)$/;

/** Of the misleading ones, those that nothing a plugin is given overrules. */
const UNOVERRULED =
  /^(PG(?!HOST$|PORT$|USER$|PASSWORD$|PASSFILE$|APPNAME$|SSLMODE$|SSLROOTCERT$|DATA$)[A-Z]\w*|DOCKER_(CONTEXT|(CA|CERT|KEY)_MATERIAL))$/;

const dropped = new Set<string>();

/** Takes out of an environment what misleads the programs that get it. @param engines  endpoints of the stacks' engines */
export function dropMisleading(env: NodeJS.ProcessEnv, engines: readonly string[]): void {
  for (const name of Object.keys(env)) {
    if (!MISLEADING.test(name) && (!ENGINE_TLS.test(name) || engines.some(isTcp))) continue;
    Reflect.deleteProperty(env, name);
    dropped.add(name);
  }
}

/** Whether the operator's shell had a variable that was taken out. */
export function wasDropped(name: string): boolean {
  return dropped.has(name);
}

/** Names of variables that would mislead Pulumi's plugins, which get the operator's environment where Pulumi itself is called. */
export function misleadingPlugins(env: NodeJS.ProcessEnv, engines: readonly string[]): string[] {
  const isTlsOnly = engines.every(isTcp);
  return Object.keys(env)
    .filter((name) => env[name] && (UNOVERRULED.test(name) || (ENGINE_TLS.test(name) && !isTlsOnly)))
    .sort();
}

function isTcp(endpoint: string): boolean {
  return endpoint.startsWith("tcp://");
}

const ENDPOINT = /^[^#\n]*["']?\bdocker["']?\s*:\s*["']?((?:unix|tcp|ssh):\/\/[^\s"',}]+)/gm;

/** The endpoints of Docker engines that a stack's file names (`acgs-db:hosts`); none where the default holds. */
export function enginesIn(stackFile: string): string[] {
  return [...stackFile.matchAll(ENDPOINT)].map(([, endpoint]) => endpoint!);
}

/** The endpoints that any stack's file of a project names. */
export function enginesOf(project: string): string[] {
  const files = readdirSync(project).filter((name) => /^Pulumi\..+\.yaml$/.test(name));
  return files.flatMap((name) => enginesIn(readFileSync(join(project, name), "utf8")));
}
