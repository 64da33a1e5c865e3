import { listContainers } from "../../lib/docker/containers.ts";
import { listNetworks } from "../../lib/docker/networks.ts";
import { listVolumes } from "../../lib/docker/volumes.ts";
import { messageOf } from "../../lib/errors.ts";
import { isOnThisMachine, listeners } from "./listeners.ts";
import type { GuardedInputs } from "./stackGuard.ts";
import { type SeenHost, takenFailures, takenNames, type WantedNames } from "./takenNames.ts";

/** Parts whose volumes may be without a mark: those of a stack that was made before volumes carried one. */
export function unmarkedParts(olds: Partial<GuardedInputs>, news: GuardedInputs): string[] {
  if (olds.unmarked !== undefined) return olds.unmarked;
  return olds.prefix === undefined ? [] : knownParts(olds, news);
}

/** Parts that the last update was to make. A former version noted the data alone. */
function knownParts(olds: Partial<GuardedInputs>, { aliases, data }: GuardedInputs): string[] {
  if (olds.prefix === undefined) return [];
  const isNew = (alias: string) => `${alias}-data` in data && olds.data && !(`${alias}-data` in olds.data);
  return olds.aliases ?? aliases.filter((alias) => !isNew(alias));
}

/**
 * What stands on the hosts under the stack's names, or on its ports, and is not its own. It is looked for before anything is
 * written: Docker takes a volume of a name that is there for the one that was asked for.
 */
export async function takenOnHosts(olds: Partial<GuardedInputs>, news: GuardedInputs) {
  const ports = new Map(
    Object.entries(news.ports).flatMap(([kind, { first, count }]) =>
      Array.from({ length: count }, (_, i) => [first + i, `ports.${kind}`] as const),
    ),
  );
  const failures = await Promise.all(
    news.hosts.map(async (host, i) => {
      const wanted: WantedNames = {
        ...news,
        knownAliases: knownParts(olds, news),
        knowsNetwork: olds.prefix !== undefined,
        ports,
        bind: news.binds[i]!,
      };
      try {
        return takenFailures(host, wanted, takenNames(wanted, await look(host, wanted)));
      } catch (error) {
        const reason = `it could not be seen whether the host ${host} has what is another stack's, so nothing was made or written: ${messageOf(error)}`;
        return [{ property: "hosts", reason }];
      }
    }),
  );
  return failures.flat();
}

async function look(host: string, { prefix, bind, ports }: WantedNames): Promise<SeenHost> {
  const [containers, networks, volumes, listening] = await Promise.all([
    listContainers(host),
    listNetworks(host, `^${prefix}$`),
    listVolumes(host, `^${prefix}-`),
    isOnThisMachine(host).then((isHere) =>
      isHere ? listeners(bind, [...ports.keys()]) : new Map<number, string>(),
    ),
  ]);
  return { containers, networks: networks.map(({ Name }) => Name), volumes, listeners: listening };
}
