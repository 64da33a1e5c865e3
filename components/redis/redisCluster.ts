import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { REDIS_ADMIN_LOGIN } from "../../lib/names.ts";
import type { Host } from "../docker/host.ts";
import { IMAGE_USERS } from "../docker/images.ts";
import { addressOf, place } from "../docker/placement.ts";
import { RedisClusterState } from "./clusterState.ts";
import { RedisBeforeReplace } from "./beforeReplace.ts";
import { containerMemoryMb, liveSettings, type CacheSize } from "./liveSettings.ts";
import { NODE_FILE, nodeConfig, peersFile } from "./nodeFiles.ts";
import { peerPasswordFile, usersFile } from "./users.ts";

export interface RedisClusterArgs {
  host: Host;
  /** The image's id. */
  image: pulumi.Input<string>;
  /** Port of the first node, inside its container and on the host; the others follow. */
  port: number;
  settings: CacheSize & {
    /** Nodes that own slots, at least 3. Changing it moves slots; no container of another node is touched. */
    masters: number;
    /** Changing it adds or takes away nodes. */
    replicasPerMaster: number;
  };
  /** All that are valid, of the application at large and of each service, by user. Changes are set on the running nodes. */
  passwords: Readonly<Record<string, pulumi.Input<readonly string[]>>>;
  /** Of the user that forms the cluster, all that are valid, the one to use first. Changes are set on the running nodes. */
  adminPasswords: pulumi.Input<string[]>;
}

/** A master first waits up to 10 s for its replicas, then writes a snapshot. In seconds. */
const STOP_GRACE_SECONDS = 60;

/** A Redis cluster: masters that share the slots, and replicas that take over. */
export class RedisCluster extends pulumi.ComponentResource {
  /** Where clients outside Docker reach the nodes; one of them is enough for a cluster client to find the others. */
  readonly nodes: { host: string; port: number }[] = [];
  readonly containers: docker.Container[] = [];
  readonly volumes: docker.Volume[] = [];
  /** Known once the cluster is in order, such as 7.0.15. */
  readonly version: pulumi.Output<string>;

  constructor(name: string, args: RedisClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("acgs:redis:RedisCluster", name, {}, opts);
    const { masters, replicasPerMaster } = args.settings;
    const members = place("redis", masters * (1 + replicasPerMaster), [args.host]);
    const peers = members.map((member, i) => ({ host: addressOf(member), port: args.port + i }));
    const passwords = pulumi.output({ ...args.passwords, [REDIS_ADMIN_LOGIN]: args.adminPasswords });
    const users = pulumi.secret(passwords.apply(usersFile));
    const admin = pulumi.output({
      passwords: args.adminPasswords,
      authority: args.host.authority.certificate,
    });
    const peerPassword = pulumi.secret(pulumi.output(args.adminPasswords).apply(peerPasswordFile));

    for (const [i, { alias, host }] of members.entries()) {
      const { port } = peers[i]!;
      const volume = host.dataVolume(alias, { parent: this });
      const ports = { [port]: port };
      const files = {
        [NODE_FILE.config]: nodeConfig(port, host.address),
        [NODE_FILE.peers]: peersFile(peers, i),
      };
      // One after the other: no master is ever taken down together with its replica.
      const before = this.containers.slice(-1);
      const handover = new RedisBeforeReplace(
        `${alias}-handover`,
        {
          node: alias,
          address: `${host.address}:${port}`,
          admin,
          container: { image: args.image, ports, files },
        },
        { parent: this, dependsOn: before },
      );
      const container = host.container(
        alias,
        {
          image: args.image,
          user: IMAGE_USERS.redis,
          publish: ports,
          files,
          // A node that starts reads them; on those that run the cluster's own resource sets users and password.
          reloadableFiles: { [NODE_FILE.users]: users, [NODE_FILE.peerPassword]: peerPassword },
          // The cluster's own resource has nodes apply all of it: Redis knows no signal for that.
          reload: "none",
          volumes: { "/var/lib/redis": volume },
          cpuShares: 512,
          memoryMb: containerMemoryMb(args.settings.maxMemoryMb),
          stopGraceSeconds: STOP_GRACE_SECONDS,
          waitHealthy: true,
        },
        { parent: this, dependsOn: [...before, handover] },
      );
      this.volumes.push(volume);
      this.containers.push(container);
      this.nodes.push({ host: host.address, port });
    }

    const state = new RedisClusterState(
      `${name}-state`,
      {
        nodes: Object.fromEntries(
          members.map(({ alias, host }, i) => [alias, `${host.address}:${peers[i]!.port}`]),
        ),
        masters,
        replicasPerMaster,
        settings: liveSettings(args.settings),
        users,
        certificates: args.host.certificates,
        admin,
        shell: args.host.containerAddress(members[0]!.alias),
      },
      { parent: this, dependsOn: this.containers },
    );
    this.version = state.version;
    this.registerOutputs({});
  }
}
