import { configRemove, configSet, type ConfigIssue, keyOf, shown } from "../stack/configIssue.ts";
import type { ConfigurationValues } from "../stack/schema.ts";
import { limits } from "../stack/schemaParts.ts";
import { parameterPath, pathAsGiven } from "./parameterFaults.ts";
import { fits, sizeParameters, SizingError } from "./sizing.ts";

type PostgresConfiguration = ConfigurationValues["postgres"];
/** The operator's, validated. */
type Own = Readonly<Record<string, string>>;

/** A worst case that does not fit into the memory, with commands that make it fit. */
export function sizingFault(postgres: PostgresConfiguration, own: Own, error: SizingError): ConfigIssue {
  const common = {
    key: keyOf(["postgres", "memoryMb"]),
    value: `${shown(postgres.memoryMb)}, for ${postgres.maxConnections} connections`,
  };
  const lower = [
    keyOf(["postgres", "maxConnections"]),
    ...error.parameters.map((name) => keyOf(pathAsGiven(postgres.parameters, name))),
  ].map((key) => `or lower ${key}`);
  if (error.neededMb !== undefined) {
    const remedy = [configSet(["postgres", "memoryMb"], error.neededMb), ...lower];
    const allowed = `at least ${error.neededMb}: the worst case of all connections has to fit`;
    return { ...common, allowed, remedy: remedy.join("\n") };
  }
  const { removed, commands } = wayOut(postgres, own, error.parameters);
  const because =
    removed.length === 0 ? "" : ` with ${removed.map((name) => `${name} = ${own[name]}`).join(", ")}`;
  return {
    ...common,
    allowed:
      `none${because}: the worst case of all connections has to fit,\n` +
      `and would not into ${limits.memoryMb.most} either, the most`,
    remedy: [...commands, ...lower].join("\n"),
  };
}

/** The parameters that have to go, as few as may be, and the commands that take them out and give the rest its room. */
function wayOut(
  postgres: PostgresConfiguration,
  own: Own,
  parameters: readonly string[],
): { removed: readonly string[]; commands: string[] } {
  const ways = [[], ...parameters.map((name) => [name]), parameters];
  for (const removed of ways) {
    const room = roomFor(postgres, without(own, removed));
    if (room === undefined) continue;
    const out = removed.map((name) => configRemove(pathAsGiven(postgres.parameters, name)));
    return { removed, commands: [...out, ...room] };
  }
  throw new Error(
    `No memory holds ${postgres.maxConnections} connections, and no size of shared_buffers helps.`,
  );
}

/** Commands that give these parameters the room they need; undefined where there is none such. */
function roomFor(postgres: PostgresConfiguration, own: Own): string[] | undefined {
  const memory = (memoryMb: number) =>
    memoryMb === postgres.memoryMb ? [] : [configSet(["postgres", "memoryMb"], memoryMb)];
  const needed = memoryNeeded(postgres, own);
  if (needed !== undefined) return memory(needed);
  if ("shared_buffers" in own) return undefined;
  // Each connection maps all of shared_buffers: a quarter of the memory for them may leave none for so many.
  for (let memoryMb = postgres.memoryMb; ; memoryMb = Math.min(2 * memoryMb, limits.memoryMb.most)) {
    for (const part of [8, 16, 32, 64, 128]) {
      const buffers = `${Math.floor(memoryMb / part)}MB`;
      if (fits({ ...postgres, memoryMb }, { ...own, shared_buffers: buffers }))
        return [configSet(parameterPath("shared_buffers"), buffers), ...memory(memoryMb)];
    }
    if (memoryMb === limits.memoryMb.most) return undefined;
  }
}

/** In MB; undefined where the most that may be configured is not enough. */
function memoryNeeded(postgres: PostgresConfiguration, own: Own): number | undefined {
  try {
    sizeParameters(postgres, own);
    return postgres.memoryMb;
  } catch (error) {
    if (error instanceof SizingError) return error.neededMb;
    throw error;
  }
}

function without(own: Own, names: readonly string[]): Own {
  return Object.fromEntries(Object.entries(own).filter(([name]) => !names.includes(name)));
}
