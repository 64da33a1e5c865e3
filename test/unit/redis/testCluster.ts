import { randomBytes } from "node:crypto";
import { Cluster, type Redis } from "ioredis";
import { CACHE_USERS } from "../../../components/roles/cacheUsers.ts";
import { FILES_DIRECTORY } from "../../../components/docker/containerFiles.ts";
import { IMAGE_USERS } from "../../../components/docker/images.ts";
import { writeFiles } from "../../../components/docker/writeFiles.ts";
import { NODE_FILE, nodeConfig, peersFile } from "../../../components/redis/nodeFiles.ts";
import { peerPasswordFile, usersFile } from "../../../components/redis/users.ts";
import { liveSettings } from "../../../components/redis/liveSettings.ts";
import { connect } from "../../../components/redis/nodes.ts";
import { IN_ORDER, parseClusterNodes, slotCount } from "../../../components/redis/topology.ts";
import { testAuthority, tlsFiles } from "../../../testing/certificates.ts";
import { buildImage, ENGINE } from "../../../testing/images.ts";
import { docker as runDocker } from "../../support/engine.ts";

/** Quotes, spaces, a hash, a newline and letters beyond ASCII: what an operator might choose. */
export const APPLICATION_PASSWORD = `it's "odd" #1 \\ \n päss`;
export const ADMIN_PASSWORD = `admin "with" 'quotes' > ~* &* $(x)`;
/** As resources of Redis are given it. */
export const ADMIN = { passwords: [ADMIN_PASSWORD], authority: testAuthority };
/** Those of all users: services have one that tells them apart. */
export const PASSWORDS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(CACHE_USERS.map(({ name }) => [name, `password of ${name}`])),
  acgs: APPLICATION_PASSWORD,
  admin: ADMIN_PASSWORD,
};
/** The ACL file that says so. */
export const USERS = usersFile(
  Object.fromEntries(Object.entries(PASSWORDS).map(([user, one]) => [user, [one]])),
);
/** What the nodes announce to clients. */
export const HOST = "127.0.0.1";
/** Nodes that a test may have started. */
const MOST = 12;

export const docker = (...args: string[]) => runDocker(args);

/** Redis nodes in containers as the component makes them, without Pulumi between. */
export class TestCluster {
  readonly prefix: string;
  /** May be changed: nodes are then started or deleted by the test. */
  count: number;
  readonly port: number;
  private image = "";

  /** @param kind  starts its names; what follows is its own, since another copy of the project may run the same test */
  constructor(kind: string, count: number, port: number) {
    this.prefix = `${kind}-${randomBytes(3).toString("hex")}`;
    this.count = count;
    this.port = port;
  }

  get addresses(): Record<string, string> {
    return Object.fromEntries(this.all().map((i) => [this.alias(i), `${HOST}:${this.port + i}`]));
  }

  all(): number[] {
    return Array.from({ length: this.count }, (_, i) => i);
  }

  container(i: number): string {
    return `${this.prefix}-${this.alias(i)}`;
  }

  async start(): Promise<void> {
    this.image = await buildImage("redis");
    await this.remove();
    await docker("network", "create", this.prefix);
    for (const i of this.all()) await this.startNode(i);
  }

  async startNode(i: number): Promise<void> {
    const name = this.container(i);
    const port = this.port + i;
    const volume = [
      "--volume",
      `${name}-data:/var/lib/redis`,
      "--volume",
      `${name}-files:${FILES_DIRECTORY}`,
    ];
    const health = ["--health-cmd", "healthcheck", "--health-interval", "1s"];
    const network = ["--network", this.prefix, "--network-alias", this.alias(i)];
    const publish = ["--publish", `${HOST}:${port}:${port}`];
    const peers = this.all().map((j) => ({ host: this.alias(j), port: this.port + j }));
    const files = { docker: ENGINE, volume: `${name}-files`, image: this.image, user: IMAGE_USERS.redis };
    await writeFiles(files, {
      ...(await tlsFiles(this.alias(i))),
      [NODE_FILE.config]: nodeConfig(port, HOST),
      [NODE_FILE.peers]: peersFile(peers, i),
      [NODE_FILE.users]: USERS,
      [NODE_FILE.peerPassword]: peerPasswordFile([ADMIN_PASSWORD]),
    });
    await docker(
      ...["run", "--detach", "--init", "--name", name, ...network, ...publish, ...volume, ...health],
      ...["--read-only", "--tmpfs", "/tmp:mode=1777", "--cap-drop", "ALL", this.image],
    );
  }

  /** As the engine deletes a node: container and volume, unless the volume is retained. */
  async deleteNode(i: number, volume: "deleted" | "retained" = "deleted"): Promise<void> {
    await this.removeNode(i);
    if (volume === "deleted") await docker("volume", "rm", `${this.container(i)}-data`);
  }

  /** As a replacement does it: the container goes, its volume stays. */
  async removeNode(i: number): Promise<void> {
    await docker("stop", "--time", "30", this.container(i));
    await docker("rm", "--volumes", this.container(i));
  }

  async healthy(i: number): Promise<boolean> {
    const status = await docker("inspect", "--format", "{{.State.Health.Status}}", this.container(i));
    return status.trim() === "healthy";
  }

  /** The node's address on the containers' network. */
  async inside(i: number): Promise<string> {
    const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    return (await docker("inspect", "--format", format, this.container(i))).trim();
  }

  async remove(): Promise<void> {
    const names = Array.from({ length: MOST }, (_, i) => this.container(i));
    await docker("rm", "--force", "--volumes", ...names).catch(() => "");
    const volumes = names.flatMap((name) => [`${name}-data`, `${name}-files`]);
    await docker("volume", "rm", "--force", ...volumes).catch(() => "");
    await docker("network", "rm", this.prefix).catch(() => "");
  }

  /** The inputs of the resource that forms the cluster, for the nodes that there are now. */
  inputs({ masters = 3, replicasPerMaster = 1, maxMemoryMb = 64 } = {}) {
    return {
      nodes: this.addresses,
      masters,
      replicasPerMaster,
      settings: liveSettings({ maxMemoryMb, maxClients: 100 }),
      admin: ADMIN,
      users: USERS,
      shell: this.shell,
      condition: IN_ORDER,
    };
  }

  /** Asks one node as administrator. */
  async onNode<T>(i: number, ask: (redis: Redis) => Promise<T>, withinMs = 5_000): Promise<T> {
    const name = this.alias(i);
    const node = await connect(name, this.addresses[name]!, ADMIN, withinMs);
    try {
      return await ask(node.redis);
    } finally {
      node.redis.disconnect();
    }
  }

  /** All nodes see all nodes, and every slot is served. */
  async inOrder(): Promise<boolean> {
    const views = await Promise.all(
      this.all().map((i) =>
        this.onNode(i, async (redis) => {
          const nodes = String(await redis.cluster("NODES"));
          const info = String(await redis.cluster("INFO"));
          const whole = info.includes("cluster_state:ok") && info.includes("cluster_slots_ok:16384\r");
          return whole && !/fail|handshake|noaddr|disconnected/.test(nodes);
        }),
      ),
    );
    return views.every(Boolean);
  }

  /** By name: whom it follows, or how many slots it has. */
  async roles(): Promise<Record<string, string | number>> {
    let answer = "";
    // Any node that answers will do.
    for (const i of this.all()) {
      if (answer === "") answer = await this.onNode(i, nodesOf, 0).catch(() => "");
    }
    const nodes = parseClusterNodes(answer);
    const nameOf = (port: number) => this.alias(port - this.port);
    const names = new Map(nodes.map(({ id, port }) => [id, nameOf(port)]));
    return Object.fromEntries(
      nodes
        .map((node) => [nameOf(node.port), node.master ? names.get(node.master)! : slotCount(node)] as const)
        .sort(([a], [b]) => a.localeCompare(b)),
    );
  }

  /** A client outside Docker that knows one node only, as an application would. */
  client(i = 0): Cluster {
    const client = new Cluster([{ host: HOST, port: this.port + i }], {
      redisOptions: { username: "acgs", password: APPLICATION_PASSWORD, tls: { ca: testAuthority } },
      clusterRetryStrategy: () => 200,
    });
    client.on("error", () => undefined); // commands tell
    return client;
  }

  /** What the state resource is given. */
  get shell(): { docker: string; container: string } {
    return { docker: ENGINE, container: this.container(0) };
  }

  alias(i: number): string {
    return `redis-${i + 1}`;
  }
}

const nodesOf = async (redis: Redis) => String(await redis.cluster("NODES"));
