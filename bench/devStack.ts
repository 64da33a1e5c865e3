import { join } from "node:path";
import { stackOutputsSchema, type StackOutputs } from "../components/stack/outputs.ts";
import { freePorts } from "../test/support/ports.ts";
import { shippedConfiguration } from "../test/support/stackConfiguration.ts";
import { PulumiProject } from "./pulumiProject.ts";
import { sayProgress } from "./progress.ts";
import type { Workspace } from "./workspace.ts";

/** The dev stack as it is shipped, under this run's prefix and on ports of its own. */
export class DevStack {
  readonly project: PulumiProject;
  readonly prefix: string;
  private readonly workspace: Workspace;
  private isUp = false;

  private constructor(workspace: Workspace, project: PulumiProject, prefix: string) {
    this.workspace = workspace;
    this.project = project;
    this.prefix = prefix;
  }

  static async create(workspace: Workspace): Promise<DevStack> {
    const prefix = `${workspace.prefix}-stack`;
    const port = await freePorts(60);
    const ports = { pgbouncer: port, postgres: port + 10, patroni: port + 20, redis: port + 30 };
    const project = await PulumiProject.copy(join(workspace.directory, "stack"), {
      ...shippedConfiguration("dev"),
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

  /** Off the engine and out of the state; quicker than `destroy`, which stops everything with its grace. */
  async remove(): Promise<void> {
    this.isUp = false;
    await this.workspace.sweep(this.prefix);
    await this.project.forget();
  }

  async outputs(): Promise<StackOutputs> {
    return stackOutputsSchema.parse(await this.project.outputs());
  }

  container(alias: string): string {
    return `${this.prefix}-${alias}`;
  }
}
