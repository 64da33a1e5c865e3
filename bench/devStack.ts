import { join } from "node:path";
import type { StackOutputs } from "../components/stack/outputs.ts";
import { outputsIn } from "../operations/stackOutputs.ts";
import { freePorts } from "../testing/ports.ts";
import { shippedConfiguration } from "../testing/stackConfiguration.ts";
import { PulumiProject } from "./pulumiProject.ts";
import { sayProgress } from "./progress.ts";
import type { RunningStack } from "./runningStack.ts";
import { fillStack, settleStack } from "./stackData.ts";
import type { Workspace } from "./workspace.ts";

/** Memory (MB) of a member: the data of the benchmark's stack is larger than what the shipped one expects. */
const MEMORY_MB = 6_144;
/** 100 authentications at once are measured; the requirements let 60 clients of that service in. */
const AUTH_CLIENTS = 120;

/** The dev stack under this run's prefix and on ports of its own, with more memory and clients than it is shipped with. */
export class DevStack implements RunningStack {
  readonly project: PulumiProject;
  readonly prefix: string;
  private readonly workspace: Workspace;
  private isUp = false;
  private rows = 0;

  private constructor(workspace: Workspace, project: PulumiProject, prefix: string) {
    this.workspace = workspace;
    this.project = project;
    this.prefix = prefix;
  }

  static async create(workspace: Workspace): Promise<DevStack> {
    const prefix = `${workspace.prefix}-stack`;
    const port = await freePorts(60);
    const ports = { pgbouncer: port, postgres: port + 10, patroni: port + 20, redis: port + 30 };
    const shipped = shippedConfiguration("dev");
    const project = await PulumiProject.copy(join(workspace.directory, "stack"), {
      ...shipped,
      postgres: { ...(shipped["postgres"] as object), memoryMb: MEMORY_MB },
      pgbouncer: {
        ...(shipped["pgbouncer"] as object),
        pools: { auth_service: { maxClients: AUTH_CLIENTS } },
      },
      prefix,
      ports,
    });
    return new DevStack(workspace, project, prefix);
  }

  /** Brings it up from nothing. @returns seconds */
  async upFromNothing(): Promise<number> {
    await this.remove();
    const seconds = await this.project.up();
    this.isUp = true;
    return seconds;
  }

  async ensureUp(): Promise<void> {
    if (this.isUp) return;
    sayProgress("the dev stack comes up");
    await this.upFromNothing();
  }

  /** Brings it up, if need be, with so many rows in its tables. */
  async ensureData(rows: number): Promise<void> {
    await this.ensureUp();
    if (this.rows === rows) return;
    await fillStack(this, rows);
    this.rows = rows;
  }

  /** Waits until the primary has done its own work: vacuum, a checkpoint, jobs. */
  settle(): Promise<void> {
    return settleStack(this);
  }

  /** Off the engine and out of the state; quicker than `destroy`, which stops everything with its grace. */
  async remove(): Promise<void> {
    this.isUp = false;
    this.rows = 0;
    await this.workspace.sweep(this.prefix);
    await this.project.forget();
  }

  async outputs(): Promise<StackOutputs> {
    return outputsIn(await this.project.state(), this.prefix);
  }

  container(alias: string): string {
    return `${this.prefix}-${alias}`;
  }
}
