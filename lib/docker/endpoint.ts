import type { ConstructorOptions } from "docker-modem";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { endpointOf } from "../hosts.ts";
import { SshAgent } from "./ssh.ts";

/**
 * How `docker-modem` reaches an engine, by the name of its host or its endpoint: `unix://PATH`, `tcp://HOST:PORT` or
 * `ssh://[USER@]HOST[:PORT]`.
 *
 * Every option is given, because `docker-modem` reads those left out from `DOCKER_HOST`, which names another engine.
 */
export function connectionTo(engine: string, env: NodeJS.ProcessEnv = process.env): ConstructorOptions {
  const endpoint = endpointOf(engine);
  const none = { socketPath: undefined, host: undefined, port: undefined, timeout: undefined };
  const plain = { ca: undefined, cert: undefined, key: undefined, agent: undefined };
  const path = socketOf(endpoint);
  if (path !== undefined) return { ...none, ...plain, protocol: "http", socketPath: path };
  const { protocol, hostname, port, username } = new URL(endpoint);
  if (protocol === "ssh:") {
    const agent = new SshAgent({ host: hostname, port, user: decodeURIComponent(username) });
    return { ...none, ...plain, protocol: "http", host: "docker", port: 80, agent };
  }
  if (protocol !== "tcp:") throw new Error(`${endpoint} is no endpoint of a Docker engine.`);
  const isVerified = Boolean(env["DOCKER_TLS_VERIFY"]);
  const tls = isVerified
    ? { protocol: "https" as const, ...certificates(env) }
    : { protocol: "http" as const };
  return { ...none, ...plain, ...tls, host: hostname, port: port || (isVerified ? 2376 : 2375) };
}

/** The path of a `unix://` endpoint; undefined for any other. */
export function socketOf(endpoint: string): string | undefined {
  return endpoint.startsWith("unix://") ? endpoint.slice("unix://".length) : undefined;
}

/** The files that the `docker` command reads where `DOCKER_TLS_VERIFY` is set; a file that is not there is left out. */
function certificates(env: NodeJS.ProcessEnv): Pick<ConstructorOptions, "ca" | "cert" | "key"> {
  const folder = env["DOCKER_CERT_PATH"] || join(homedir(), ".docker");
  const read = (name: string) => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path) : undefined;
  };
  return { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
}
