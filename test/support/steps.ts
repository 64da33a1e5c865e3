/** One resource that an update or a preview does something to. */
export interface Step {
  op: string;
  /** Type without its package, such as `Container`. */
  type: string;
  name: string;
  /** Names of the inputs that differ. */
  diff: string[];
}

/** As the engine tells of it in a preview's JSON; an event has `diffs` for `diffReasons`. */
interface EngineStep {
  op: string;
  urn: string;
  diffReasons?: string[];
  detailedDiff?: Record<string, unknown>;
}

/** A line of an update's event log. */
interface EngineEvent {
  resourcePreEvent?: { metadata: EngineStep & { diffs?: string[] } };
}

/** What an update would do, from what `pulumi preview --json` prints. */
export function previewSteps(json: string): Step[] {
  return (JSON.parse(json) as { steps: EngineStep[] }).steps.flatMap(changed);
}

/** What an update did, from its event log. */
export function updateSteps(log: string): Step[] {
  const lines = log.split("\n").filter(Boolean);
  const events = lines.map((line) => (JSON.parse(line) as EngineEvent).resourcePreEvent);
  return events.flatMap((event) =>
    event ? changed({ ...event.metadata, diffReasons: event.metadata.diffs ?? [] }) : [],
  );
}

/** Nothing where the resource is left as it is. A default provider is the engine's own: it counts it nowhere either. */
function changed({ op, urn, diffReasons, detailedDiff }: EngineStep): Step[] {
  if (op === "same" || op === "read" || /::pulumi:providers:[^:]+::default/.test(urn)) return [];
  return [
    {
      op,
      type: /:(\w+)::[^:]*$/.exec(urn)?.[1] ?? urn,
      name: urn.split("::").at(-1)!,
      diff: [...new Set([...(diffReasons ?? []), ...Object.keys(detailedDiff ?? {})])].sort(),
    },
  ];
}
