import { z } from "zod";
import { FILES_DIRECTORY, TLS_FILE } from "../components/docker/containerFiles.ts";
import { type Deployment, resourcesOf, revealed } from "../lib/pulumi/deployment.ts";
import { TYPE } from "../lib/pulumi/types.ts";

const container = z.object({
  name: z.string(),
  image: z.string(),
  hostname: z.string(),
  command: z.array(z.string()).optional(),
  networksAdvanced: z.array(z.object({ aliases: z.array(z.string()) })).length(1),
  ports: z.array(z.object({ ip: z.string(), internal: z.number(), external: z.number() })).default([]),
  user: z.string(),
  volumes: z.array(z.object({ containerPath: z.string(), volumeName: z.string() })).default([]),
  memory: z.number(),
  memorySwap: z.number(),
  shmSize: z.number().optional(),
  init: z.boolean(),
  restart: z.string(),
  stopTimeout: z.number(),
  healthcheck: z.object({
    tests: z.array(z.string()),
    interval: z.string(),
    timeout: z.string(),
    retries: z.number(),
  }),
  logDriver: z.string(),
  logOpts: z.record(z.string(), z.string()),
  readOnly: z.boolean(),
  tmpfs: z.record(z.string(), z.string()),
  capabilities: z.object({ drops: z.array(z.string()) }),
  securityOpts: z.array(z.string()),
});
type Container = z.infer<typeof container>;

const keyPair = z.object({ certificate: z.string(), key: z.string() });
/** What a container finds in the volume with its files. */
const containerFiles = z.object({
  container: z.object({ container: z.string() }),
  files: z.record(z.string(), z.string()),
  authority: keyPair,
  issued: keyPair,
});

export interface ComposeProject {
  /** A compose file of version 2.4, which both generations of the program read. */
  file: Record<string, unknown>;
  /** Files (contents by path) that each container expects in its volume, secrets among them. */
  files: { volume: string; image: string; user: number; files: Record<string, string> }[];
  containers: string[];
}

/**
 * Describes a stack's containers for docker-compose: the state gives their images, commands, published ports, files,
 * volumes, limits and health checks.
 *
 * @param deployment  from a state with secrets
 * @param prefix      takes the place of the stack's own at the start of each name
 * @throws ZodError   when a container of the state has another shape
 */
export function composeProject(deployment: Deployment, prefix: string): ComposeProject {
  const containers = resourcesOf(deployment, TYPE.container).map(({ inputs }) =>
    container.parse(settled(revealed(inputs))),
  );
  const file = {
    version: "2.4",
    services: Object.fromEntries(
      containers.map((each) => [each.hostname, service(each, `${prefix}-${each.hostname}`)]),
    ),
    networks: { default: { name: prefix, driver: "bridge" } },
    volumes: Object.fromEntries(
      containers.flatMap(({ volumes, hostname }) =>
        volumes.map(({ containerPath }) => {
          const key = volumeKey(hostname, containerPath);
          return [key, { name: `${prefix}-${key}` }];
        }),
      ),
    ),
  };
  const known = resourcesOf(deployment, TYPE.containerFiles).map(({ outputs }) =>
    containerFiles.parse(revealed(outputs)),
  );
  const files = containers.flatMap(({ name, hostname, image, user }) =>
    known
      .filter((one) => one.container.container === name)
      .map((one) => ({
        ...{
          volume: `${prefix}-${volumeKey(hostname, FILES_DIRECTORY)}`,
          image,
          user: Number.parseInt(user, 10),
        },
        files: {
          ...one.files,
          [TLS_FILE.certificate]: one.issued.certificate,
          [TLS_FILE.key]: one.issued.key,
          [TLS_FILE.authority]: one.authority.certificate,
        },
      })),
  );
  return { file, files, containers: containers.map(({ hostname }) => `${prefix}-${hostname}`) };
}

function service(of: Container, name: string): Record<string, unknown> {
  return {
    container_name: name,
    image: of.image,
    hostname: of.hostname,
    ...(of.command && { command: of.command.map(literal) }),
    networks: { default: { aliases: of.networksAdvanced[0]!.aliases } },
    ports: of.ports.map(({ ip, external, internal }) => `${ip}:${external}:${internal}`),
    volumes: of.volumes.map(
      ({ containerPath }) => `${volumeKey(of.hostname, containerPath)}:${containerPath}`,
    ),
    user: of.user,
    read_only: of.readOnly,
    tmpfs: Object.entries(of.tmpfs).map(([path, options]) => `${path}:${options}`),
    cap_drop: of.capabilities.drops,
    security_opt: of.securityOpts,
    mem_limit: `${of.memory}m`,
    memswap_limit: `${of.memorySwap}m`,
    ...(of.shmSize && { shm_size: `${of.shmSize}m` }),
    init: of.init,
    restart: of.restart,
    stop_grace_period: `${of.stopTimeout}s`,
    healthcheck: {
      test: of.healthcheck.tests.map(literal),
      interval: of.healthcheck.interval,
      timeout: of.healthcheck.timeout,
      retries: of.healthcheck.retries,
    },
    logging: { driver: of.logDriver, options: of.logOpts },
  };
}

function volumeKey(alias: string, containerPath: string): string {
  return `${alias}-${containerPath === FILES_DIRECTORY ? "files" : "data"}`;
}

/** docker-compose replaces `$NAME`; a doubled sign is one that stays. */
function literal(text: string): string {
  return text.replaceAll("$", "$$$$");
}

/** Providers of other generations keep two inputs under their plural. */
function settled(inputs: unknown): unknown {
  const { commands, networksAdvanceds, ...others } = inputs as Record<string, unknown>;
  return {
    ...others,
    command: others.command ?? commands,
    networksAdvanced: others.networksAdvanced ?? networksAdvanceds,
  };
}
