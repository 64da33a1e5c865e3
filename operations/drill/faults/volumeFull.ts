import { SUPERUSER } from "../../../lib/names.ts";
import type { DrillStack, Part } from "../stack.ts";
import type { Fault } from "./fault.ts";
import { needsReplica } from "./leader.ts";

const VOLUME = "/var/lib/postgresql/data";
const BALLAST = `${VOLUME}/drill-ballast`;
/** No larger file system is filled. In bytes. */
const MOST = 16 * 2 ** 30;
/** WAL segments that are used up until the server has to make a new one, which fails. */
const SEGMENTS = 64;

export const volumeFull: Fault = {
  name: "volume-full",
  what: "The primary's data volume is filled to the last byte until no WAL can be written, and emptied once another member serves all clients.",
  async impossible(stack) {
    return needsReplica(stack) ?? (await sharesFileSystem(stack, await stack.leader()));
  },
  async begin({ stack, leader, undo }) {
    undo.add(`rm ${BALLAST} in ${leader.container}`, () =>
      stack.run(leader, ["rm", "-f", BALLAST], { user: SUPERUSER }),
    );
    // As the server's user: what only root may still take is not the server's either. First all but the last MBs at
    // once, then the rest until there is no more.
    const fill =
      'free=$(df --output=avail --block-size=1M "$(dirname "$0")" | tail -n 1); ' +
      'fallocate --length "$((free - 8))MiB" "$0" || true; ' +
      'dd if=/dev/zero bs=4096 oflag=append conv=notrunc of="$0" 2> /dev/null || true';
    await stack.run(leader, ["bash", "-c", fill, BALLAST], { user: SUPERUSER });
    const used = await useUpWal(stack, leader);
    return `the data volume of ${leader.container} full; ${used}`;
  },
};

/** Servers keep used WAL segments for the next: only when all are used does writing WAL take room. */
async function useUpWal(stack: DrillStack, leader: Part): Promise<string> {
  // Each segment has to hold something, or it is not ended.
  const sql = "SELECT pg_logical_emit_message(false, 'drill', 'full'), pg_switch_wal()";
  for (let used = 0; used < SEGMENTS; used++) {
    try {
      await stack.run(leader, ["psql", "-qAtX", "--command", sql], { user: SUPERUSER });
    } catch {
      return `the server could write no more WAL after ${used} segments`;
    }
  }
  return `the server still wrote WAL after ${SEGMENTS} segments`;
}

/** Filling what others write to as well would be no drill. */
async function sharesFileSystem(stack: DrillStack, leader: Part): Promise<string | undefined> {
  const numbers = async (part: Part, format: string, path: string, fileSystem = false) => {
    const flags = fileSystem ? ["--file-system"] : [];
    const text = await stack.run(part, ["stat", ...flags, "--format", format, path]);
    return text.trim().split(" ").map(Number);
  };
  const device = async (part: Part, path: string) => (await numbers(part, "%d", path))[0]!;
  const own = await device(leader, VOLUME);
  // A file that the engine mounts from its own folder.
  if (own === (await device(leader, "/etc/hostname")))
    return "the data volume lies in the engine's own file system: filling it would stop everything on the host";
  for (const other of stack.of("postgres").filter((part) => part !== leader)) {
    if ((await device(other, VOLUME)) === own)
      return `the data volumes of ${leader.alias} and ${other.alias} are one file system`;
  }
  const [size = 0, blocks = 0] = await numbers(leader, "%S %b", VOLUME, true);
  if (size * blocks > MOST) return `the data volume is larger than ${MOST / 2 ** 30} GiB`;
  return undefined;
}
