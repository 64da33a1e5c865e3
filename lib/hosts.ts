/**
 * Where the Docker engines of the stack's hosts are. Inputs of resources name a host and never its endpoint, which is a
 * detail of the operator's machine: another spelling of it would show as a change of every resource.
 */
const endpoints = new Map<string, string>();

const PROVIDER_SUFFIX = "-docker";

/** A host of the stack, as the configuration and the output `hosts` have it. */
export interface HostEndpoint {
  /** Such as `local`. */
  name: string;
  /** Endpoint of its engine, such as `unix:///var/run/docker.sock`. */
  docker: string;
}

/** Says where the engines of the stack's hosts are, for this process. */
export function rememberHosts(hosts: Iterable<HostEndpoint>): void {
  for (const { name, docker } of hosts) endpoints.set(name, docker);
}

/** The name of the Docker provider of a host; its input `host` is the endpoint. */
export function dockerProviderOf(host: string): string {
  return `${host}${PROVIDER_SUFFIX}`;
}

/** The name of the host that a Docker provider is of. */
export function hostOfProvider(provider: string): string {
  return provider.slice(0, -PROVIDER_SUFFIX.length);
}

/**
 * The endpoint of an engine.
 *
 * @param engine  the name of its host; an endpoint is returned as it was given (no host's name holds `://`)
 * @throws Error  for a host that nobody has told of
 */
export function endpointOf(engine: string): string {
  const endpoint = engine.includes("://") ? engine : endpoints.get(engine);
  if (endpoint === undefined)
    throw new Error(`The stack has no host ${JSON.stringify(engine)}: its Docker engine cannot be reached.`);
  return endpoint;
}
