import { aliasIn, kindOf, PART_KINDS, type PartKind } from "../../lib/parts.ts";
import type { Deployment } from "../../lib/pulumi/deployment.ts";
import type pg from "pg";
import type { ContainerAddress } from "../../lib/docker/client.ts";
import { inspectContainer, listContainers } from "../../lib/docker/containers.ts";
import { exec } from "../../lib/docker/exec.ts";
import { DATABASE } from "../../lib/names.ts";
import { inSession } from "../../lib/postgres/session.ts";
import { Patroni } from "../../components/postgres/patroniClient.ts";
import type { StackOutputs } from "../../components/stack/outputs.ts";
import { DrillError } from "./error.ts";

/** One container of the stack. */
export interface Part extends ContainerAddress {
  /** Its name in the stack, such as `postgres-1`. */
  alias: string;
  kind: PartKind;
  /** Ports on the host. */
  ports: number[];
}

/** What decides how much a stack promises. */
export interface StackShape {
  members: number;
  /** Whether a commit waits for a replica. */
  synchronous: boolean;
  etcd: number;
  routers: number;
  poolers: number;
  redisNodes: number;
}

export interface DrillStackArgs {
  name: string;
  outputs: StackOutputs;
  /** What `pulumi stack export --show-secrets` prints: a switchover needs the passwords of internal accounts. */
  deployment: Deployment;
  /** What an update would change, in words; undefined when nothing. */
  changes?: () => Promise<string | undefined>;
}

/** A command in a container answers within this time (ms), or the engine hangs. */
const ANSWERS_WITHIN = 60_000;

/** A running stack, as far as a drill needs to know it. */
export class DrillStack {
  readonly name: string;
  readonly outputs: StackOutputs;
  readonly deployment: Deployment;
  readonly changes: DrillStackArgs["changes"];
  readonly parts: readonly Part[];
  readonly patroni: Patroni;
  readonly shape: StackShape;

  private constructor(args: DrillStackArgs, parts: readonly Part[], patroni: Patroni, synchronous: boolean) {
    this.name = args.name;
    this.outputs = args.outputs;
    this.deployment = args.deployment;
    this.changes = args.changes;
    this.parts = parts;
    this.patroni = patroni;
    const count = (kind: PartKind) => this.of(kind).length;
    this.shape = {
      members: args.outputs.postgres.members.length,
      synchronous,
      etcd: count("etcd"),
      routers: count("haproxy"),
      poolers: count("pgbouncer"),
      redisNodes: count("redis"),
    };
  }

  /** @throws DrillError when parts of it are not to be found */
  static async find(args: DrillStackArgs): Promise<DrillStack> {
    const { outputs, name } = args;
    const found = await Promise.all(outputs.hosts.map((host) => partsOn(host.docker, outputs.prefix)));
    const parts = found.flat().sort((a, b) => a.alias.localeCompare(b.alias, "en", { numeric: true }));
    const missing = PART_KINDS.filter((kind) => !parts.some((part) => part.kind === kind));
    if (missing.length > 0) {
      throw new DrillError(
        `Stack ${name} has no containers of ${missing.join(", ")} on its hosts. Bring it up first: npm run up -- ${name}`,
      );
    }
    const patroni = Patroni.ofStack(outputs);
    const { synchronous_mode: mode } = await patroni.configuration();
    return new DrillStack(args, parts, patroni, mode === "quorum" || mode === "on" || mode === true);
  }

  of(kind: PartKind): Part[] {
    return this.parts.filter((part) => part.kind === kind);
  }

  part(alias: string): Part {
    const part = this.parts.find((one) => one.alias === alias);
    if (!part) throw new DrillError(`Stack ${this.name} has no container ${alias}.`);
    return part;
  }

  /** The member that is the primary now. @throws DrillError when there is none */
  async leader(): Promise<Part> {
    const leader = await this.patroni.leader();
    if (leader === undefined) throw new DrillError(`Stack ${this.name} has no primary.`);
    return this.part(leader);
  }

  /** Runs a command in a part. */
  run(
    part: Part,
    command: readonly string[],
    options: { user?: string; input?: string } = {},
  ): Promise<string> {
    return exec(part, command, options);
  }

  /** Runs one statement, or several without a result, on the primary as the superuser. @returns its rows */
  async sql<Row extends pg.QueryResultRow>(statements: string): Promise<Row[]> {
    const connection = { member: await this.leader(), database: DATABASE };
    const ask = (client: pg.Client) => client.query<Row>(statements);
    const { rows } = await inSession(connection, ask, { answerWithinMs: ANSWERS_WITHIN });
    return rows;
  }
}

async function partsOn(docker: string, prefix: string): Promise<Part[]> {
  const listed = (await listContainers(docker)).map(({ Names }) => Names[0]?.slice(1) ?? "");
  const names = listed.filter((name) => aliasIn(prefix, name) !== undefined);
  const inspected = await Promise.all(names.map((container) => inspectContainer({ docker, container })));
  return names.flatMap((container, i) => {
    const alias = aliasIn(prefix, container)!;
    const ports = Object.values(inspected[i]?.HostConfig.PortBindings ?? {}).flatMap((bindings) =>
      (bindings ?? []).map(({ HostPort }) => Number(HostPort)),
    );
    if (!inspected[i]) return [];
    return [{ docker, container, alias, kind: kindOf(alias)!, ports }];
  });
}
