/** The type of a resource of the project's own, by the name that previews show, such as `PostgresParameters`. */
export function ownType<N extends string>(name: N): `pulumi-nodejs:dynamic/acgs:${N}` {
  return `pulumi-nodejs:dynamic/acgs:${name}`;
}

/** Types of resources as the engine and the state name them. */
export const TYPE = {
  stack: "pulumi:pulumi:Stack",
  container: "docker:index/container:Container",
  image: "docker:index/remoteImage:RemoteImage",
  network: "docker:index/network:Network",
  volume: "docker:index/volume:Volume",
  dockerProvider: "pulumi:providers:docker",
  postgresqlProvider: "pulumi:providers:postgresql",
  role: "postgresql:index/role:Role",
  database: "postgresql:index/database:Database",
  containerFiles: ownType("ContainerFiles"),
  deployer: ownType("Deployer"),
  parameters: ownType("PostgresParameters"),
  passwords: ownType("Passwords"),
  pools: ownType("Pools"),
  redisClusterState: ownType("RedisClusterState"),
  sqlSchema: ownType("SqlSchema"),
  stackGuard: ownType("StackGuard"),
} as const;

/** With what the types of the Docker provider's resources begin. */
export const DOCKER_TYPES = "docker:index/";
