import { FILES_DIRECTORY } from "../components/docker/containerFiles.ts";
import { IMAGE_USERS } from "../components/docker/images.ts";
import { writeFiles } from "../components/docker/writeFiles.ts";
import {
  CONFIGURATION_FILE,
  pgbouncerConfiguration,
  POOLS_FILE,
  userlist,
  USERS_FILE,
} from "../components/pgbouncer/pgbouncerConfiguration.ts";
import { tlsFiles } from "../testing/certificates.ts";
import { buildImage, ENGINE } from "../testing/images.ts";
import { docker } from "./workspace.ts";

export interface PoolerArgs {
  /** Of its container. */
  name: string;
  /** Of the engine. */
  network: string;
  /** Its name there. */
  alias: string;
  /** The file with its pools. */
  pools: string;
  /** Passwords by login, of the logins that it accepts. */
  users: Readonly<Record<string, string>>;
  /** Its weight for processor time; the engine's own unless given. */
  cpuShares?: number;
  /** As a stack has it, or with TLS taken out to clients and servers. */
  withTls: boolean;
}

/** Clients of all pools together. */
const CLIENTS = 500;

/** Starts a PgBouncer with the stack's configuration, which looks up nobody. */
export async function startPooler(args: PoolerArgs): Promise<void> {
  const { name, network, alias, pools, users, cpuShares = 0, withTls } = args;
  const image = await buildImage("pgbouncer");
  const poolsFile = `${FILES_DIRECTORY}/pools.ini`;
  const configuration = pgbouncerConfiguration(CLIENTS).replace(POOLS_FILE, poolsFile);
  await writeFiles(
    { docker: ENGINE, volume: `${name}-files`, image, user: IMAGE_USERS.pgbouncer },
    {
      ...(await tlsFiles(alias)),
      [CONFIGURATION_FILE]: withTls ? configuration : inPlain(configuration),
      [poolsFile]: pools,
      [USERS_FILE]: Object.entries(users)
        .map(([login, password]) => userlist(login, password))
        .join(""),
    },
  );
  await docker([
    ...["run", "--detach", "--init", "--name", name, "--network", network, "--network-alias", alias],
    ...["--cpu-shares", String(cpuShares), "--volume", `${name}-files:${FILES_DIRECTORY}`, image],
  ]);
}

function inPlain(configuration: string): string {
  const changed = configuration
    .replace("server_tls_sslmode = verify-full", "server_tls_sslmode = disable")
    .replace("client_tls_sslmode = require", "client_tls_sslmode = disable");
  if (changed.match(/_tls_sslmode = disable/g)?.length !== 2) throw new Error("PgBouncer still has TLS.");
  return changed;
}
