/** The kinds of programs that a stack runs, each container one of them. */
export const PART_KINDS = ["etcd", "postgres", "haproxy", "pgbouncer", "redis"] as const;
export type PartKind = (typeof PART_KINDS)[number];

const ALIAS = new RegExp(`^(${PART_KINDS.join("|")})-\\d+$`);
const CONTAINER = new RegExp(`-(${PART_KINDS.join("|")})-\\d+$`);
const DATA_VOLUME = new RegExp(`-(${PART_KINDS.join("|")})-\\d+-data$`);
/** The container through which a part's files are written. */
const WRITER = /-files-writer$/;

/** The kind of a part, by its name in the stack or its container's: of `postgres-1` and of `acgs-dev-postgres-1`. */
export function kindOf(name: string): PartKind | undefined {
  return (ALIAS.exec(name) ?? CONTAINER.exec(name))?.[1] as PartKind | undefined;
}

/** The kind whose data a volume holds: of `acgs-dev-postgres-1-data`. */
export function kindOfData(volume: string): PartKind | undefined {
  return DATA_VOLUME.exec(volume)?.[1] as PartKind | undefined;
}

/** A part's name in the stack, by its container's; undefined for a container that is none of the stack's parts. */
export function aliasIn(prefix: string, container: string): string | undefined {
  if (!container.startsWith(`${prefix}-`)) return undefined;
  const alias = container.slice(prefix.length + 1);
  return ALIAS.test(alias) ? alias : undefined;
}

/** Whether the program makes containers of this name: a part, or the one through which a part's files are written. */
export function isOwnContainer(prefix: string, container: string): boolean {
  return aliasIn(prefix, container.replace(WRITER, "")) !== undefined;
}
