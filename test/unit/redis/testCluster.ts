import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dockerCommand } from "../../../components/docker.ts";
import {
  NODE_FILE,
  nodeConfig,
  peerPasswordFile,
  peersFile,
  usersFile,
} from "../../../components/redis/nodeFiles.ts";
import { buildImage, ENGINE } from "../../support/images.ts";

/** Quotes, spaces, a hash, a newline and letters beyond ASCII: what an operator might choose. */
export const APPLICATION_PASSWORD = `it's "odd" #1 \\ \n päss`;
export const ADMIN_PASSWORD = `admin "with" 'quotes' > ~* &* $(x)`;
const HOST = "127.0.0.1";

export const docker = (...args: string[]) => dockerCommand(ENGINE, args);

/** Redis nodes in containers as the component makes them, without Pulumi between. */
export class TestCluster {
  readonly prefix: string;
  readonly count: number;
  readonly port: number;
  private image = "";

  constructor(prefix: string, count: number, port: number) {
    this.prefix = prefix;
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
    const volume = ["--volume", `${name}-data:/var/lib/redis`];
    const health = ["--health-cmd", "healthcheck", "--health-interval", "1s"];
    const network = ["--network", this.prefix, "--network-alias", this.alias(i)];
    const publish = ["--publish", `${HOST}:${port}:${port}`];
    await docker(
      "create",
      "--init",
      "--name",
      name,
      ...network,
      ...publish,
      ...volume,
      ...health,
      this.image,
    );
    const peers = this.all().map((j) => ({ host: this.alias(j), port: this.port + j }));
    await this.upload(name, {
      [NODE_FILE.config]: nodeConfig(port, HOST),
      [NODE_FILE.peers]: peersFile(peers, i),
      [NODE_FILE.users]: usersFile({ application: APPLICATION_PASSWORD, admin: ADMIN_PASSWORD }),
      [NODE_FILE.peerPassword]: peerPasswordFile(ADMIN_PASSWORD),
    });
    await docker("start", name);
  }

  /** As a replacement does it: the container goes, its volume stays. */
  async removeNode(i: number): Promise<void> {
    await docker("stop", "--time", "30", this.container(i));
    await docker("rm", this.container(i));
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
    await Promise.all(this.all().map((i) => docker("rm", "--force", this.container(i)).catch(() => "")));
    await Promise.all(
      this.all().map((i) => docker("volume", "rm", "--force", `${this.container(i)}-data`).catch(() => "")),
    );
    await docker("network", "rm", this.prefix).catch(() => "");
  }

  private alias(i: number): string {
    return `redis-${i + 1}`;
  }

  private async upload(container: string, files: Record<string, string>): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "acgs-redis-"));
    try {
      for (const [path, content] of Object.entries(files)) {
        const file = join(folder, "upload");
        writeFileSync(file, content, { mode: 0o644 });
        await docker("cp", file, `${container}:${path}`);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}

/** Asks until it is true. @throws Error naming what did not come true within 60 s */
export async function eventually(what: string, holds: () => Promise<boolean>): Promise<number> {
  const start = Date.now();
  while (!(await holds().catch(() => false))) {
    if (Date.now() - start > 60_000) throw new Error(`${what}: not within 60 s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return Date.now() - start;
}
