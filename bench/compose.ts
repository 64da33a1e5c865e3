import { join } from "node:path";
import { z } from "zod";
import { revealed } from "../components/stack/exportedState.ts";

const container = z.object({
  name: z.string(),
  image: z.string(),
  hostname: z.string(),
  command: z.array(z.string()).optional(),
  networksAdvanced: z.array(z.object({ aliases: z.array(z.string()) })).length(1),
  ports: z.array(z.object({ ip: z.string(), internal: z.number(), external: z.number() })).default([]),
  uploads: z.array(z.object({ file: z.string().startsWith("/"), content: z.string() })).default([]),
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
});
type Container = z.infer<typeof container>;

const exported = z.object({
  deployment: z.object({
    resources: z.array(z.object({ type: z.string(), inputs: z.unknown().optional() })),
  }),
});

export interface ComposeProject {
  /** A compose file of version 2.4, which both generations of the program read. */
  file: Record<string, unknown>;
  /** Files that it mounts, secrets among them. */
  mounted: { path: string; content: string }[];
  containers: string[];
}

/**
 * The same containers as a stack has, for docker-compose: images, commands, published ports, files, volumes,
 * limits and health checks as they stand in the state.
 *
 * @param state      what `pulumi stack export --show-secrets` prints
 * @param prefix     takes the place of the stack's own at the start of each name
 * @param directory  where the mounted files will lie
 * @throws ZodError  when a container of the state has another shape
 */
export function composeProject(state: unknown, prefix: string, directory: string): ComposeProject {
  const containers = exported
    .parse(state)
    .deployment.resources.filter(({ type }) => type === "docker:index/container:Container")
    .map(({ inputs }) => container.parse(settled(revealed(inputs))));
  const file = {
    version: "2.4",
    services: Object.fromEntries(
      containers.map((each) => [each.hostname, service(each, `${prefix}-${each.hostname}`, directory)]),
    ),
    networks: { default: { name: prefix, driver: "bridge" } },
    volumes: Object.fromEntries(
      containers.flatMap(({ volumes, hostname }) =>
        volumes.map((_, i) => [volumeKey(hostname, i), { name: `${prefix}-${volumeKey(hostname, i)}` }]),
      ),
    ),
  };
  const mounted = containers.flatMap(({ hostname, uploads }) =>
    uploads.map((upload) => ({ path: join(directory, hostname, upload.file), content: upload.content })),
  );
  return { file, mounted, containers: containers.map(({ hostname }) => `${prefix}-${hostname}`) };
}

function service(of: Container, name: string, directory: string): Record<string, unknown> {
  return {
    container_name: name,
    image: of.image,
    hostname: of.hostname,
    ...(of.command && { command: of.command.map(literal) }),
    networks: { default: { aliases: of.networksAdvanced[0]!.aliases } },
    ports: of.ports.map(({ ip, external, internal }) => `${ip}:${external}:${internal}`),
    volumes: [
      ...of.uploads.map(({ file }) => `${join(directory, of.hostname, file)}:${file}`),
      ...of.volumes.map(({ containerPath }, i) => `${volumeKey(of.hostname, i)}:${containerPath}`),
    ],
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

function volumeKey(alias: string, index: number): string {
  return `${alias}-data${index === 0 ? "" : index + 1}`;
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
