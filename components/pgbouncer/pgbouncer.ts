import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { APPLICATION_LOGIN, DATABASE, PGBOUNCER_LOGIN, READ_DATABASE } from "../../lib/names.ts";
import { PROXY_CPU_SHARES } from "../docker/container.ts";
import { IMAGE_USERS } from "../docker/images.ts";
import type { Placement } from "../docker/placement.ts";
import type { Trusting } from "../../lib/trust.ts";
import { CLIENTS_PER_PGBOUNCER, READER_LOGINS, reservedConnections, shareOf } from "../stack/connections.ts";
import type { Pool as PoolSize } from "../stack/defaults.ts";
import {
  AUTH_DATABASE,
  CONFIGURATION_FILE,
  pgbouncerConfiguration,
  PORT,
  USERS_FILE,
  userlist,
} from "./pgbouncerConfiguration.ts";
import type { Pool } from "./databasesSection.ts";
import type { PgBouncerInstance } from "../../lib/pgbouncerConsole.ts";

/** The routers of the primary or of the replicas: an address inside the network. */
export interface Endpoint {
  hosts: string[];
  port: number;
}

export interface PgBouncerArgs {
  instances: readonly Placement[];
  image: pulumi.Input<string>;
  /** Port on the host of the first PgBouncer; the others follow. */
  port: number;
  /** Of its console. */
  password: pulumi.Input<string>;
}

/**
 * HAProxy sends new connections to a replica that is up to date; open ones stay with theirs. So they are replaced after 30 s, at
 * most half of a pool's at once: within a minute no read goes to a replica that lags, or to the primary after a failover. In s.
 */
const READER_LIFETIME = 30;

/** PgBouncer in transaction pooling. Its pools are a resource of their own, {@link Pools}. */
export class PgBouncer extends pulumi.ComponentResource {
  readonly containers: docker.Container[] = [];
  /** Each PgBouncer by its alias: the container, and where clients reach it. */
  readonly instances: Record<string, Trusting<PgBouncerInstance>> = {};

  constructor(name: string, args: PgBouncerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("acgs:pgbouncer:PgBouncer", name, {}, opts);
    const credential = pulumi.output(args.password).apply((password) => userlist(PGBOUNCER_LOGIN, password));

    for (const [i, { alias, host }] of args.instances.entries()) {
      const port = args.port + i;
      const volume = host.volume(alias, { parent: this });
      const container = host.container(
        alias,
        {
          image: args.image,
          user: IMAGE_USERS.pgbouncer,
          files: { [CONFIGURATION_FILE]: pgbouncerConfiguration(CLIENTS_PER_PGBOUNCER) },
          reloadableFiles: { [USERS_FILE]: pulumi.secret(credential) },
          reload: { signal: "HUP" },
          volumes: { "/var/lib/pgbouncer": volume },
          publish: { [port]: PORT },
          cpuShares: PROXY_CPU_SHARES,
          memoryMb: 256,
          stopGraceSeconds: 30,
          waitHealthy: true,
        },
        { parent: this, dependsOn: this.containers.slice(-1) },
      );
      this.containers.push(container);
      this.instances[alias] = {
        ...host.containerAddress(alias),
        host: host.address,
        port,
        authority: host.authority.certificate,
      };
    }
    this.registerOutputs({});
  }
}

/**
 * Everything that can be connected to through one PgBouncer: its share of each pool's server connections, and all of its
 * clients. So those of a lost PgBouncer go to the others, where they wait for a connection and are not refused.
 */
export function poolsOf(args: {
  instances: number;
  writer: Endpoint;
  reader: Endpoint;
  /** Pools of the whole stack by login. */
  pools: Record<string, PoolSize>;
  /** The pool of each login for reads from replicas. */
  readerPool: PoolSize;
}): Record<string, Pool> {
  const entry = (endpoint: Endpoint, pool: PoolSize, users: number): Pool => {
    const size = shareOf(pool.size, args.instances);
    const reserve = shareOf(pool.reserve, args.instances);
    const maxConnections = (size + reserve) * users;
    return { ...endpoint, database: DATABASE, size, reserve, maxConnections, maxClients: pool.maxClients };
  };
  const lookUps = reservedConnections.authQueryPerPgbouncer;
  return {
    ...Object.fromEntries(
      Object.entries(args.pools).map(([login, pool]) => [poolName(login), entry(args.writer, pool, 1)]),
    ),
    [READ_DATABASE]: {
      ...entry(args.reader, args.readerPool, READER_LOGINS.length),
      lifetime: READER_LIFETIME,
    },
    // Of replicas, which stay while the primary moves: who connects meanwhile waits for it, and is not refused.
    [AUTH_DATABASE]: {
      ...args.reader,
      database: DATABASE,
      size: lookUps,
      reserve: 0,
      maxConnections: lookUps,
      maxClients: lookUps,
      lifetime: READER_LIFETIME,
    },
  };
}

/** What a login connects to: a service to a pool of its own name, the application at large to `acgs_db`. */
export function poolName(login: string): string {
  return login === APPLICATION_LOGIN ? DATABASE : login;
}
