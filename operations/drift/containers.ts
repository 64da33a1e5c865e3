import type { DockerResource } from "../recovery/containers.ts";
import { kindOfData } from "../../lib/parts.ts";
import type { Drift } from "./driftReport.ts";

/** Containers, networks and volumes that are gone, and containers that do not run or are not well. */
export function driftOfContainers(all: readonly DockerResource[]): Drift[] {
  return all.flatMap((one): Drift[] => {
    const common = { what: `${one.kind} ${one.name}`, urn: one.resource.urn };
    if (!one.there) return [{ ...common, is: "gone", should: "there", ...remedyForGone(one, all) }];
    const { state, status } = one.seen ?? { state: "running", status: "" };
    if (state === "paused")
      return [{ ...common, is: "paused", should: "running", remedy: "up lets it go on", repaired: true }];
    if (state !== "running" && state !== "removing") {
      const repaired = state !== "restarting";
      const remedy = repaired ? "up starts it" : `it ends again and again: docker logs ${one.name}`;
      return [{ ...common, is: `${state} (${status})`, should: "running", remedy, repaired }];
    }
    if (!status.includes("(unhealthy)")) return [];
    const remedy = `look at docker logs ${one.name}; docker restart ${one.name}`;
    return [{ ...common, is: "unhealthy", should: "healthy", remedy, repaired: false }];
  });
}

function remedyForGone(
  { kind, name }: DockerResource,
  all: readonly DockerResource[],
): Pick<Drift, "remedy" | "repaired"> {
  if (kind !== "volume")
    return {
      remedy: kind === "container" ? "up makes it again, on its volume" : "up makes it again",
      repaired: true,
    };
  if (isData(name) && dataLeft(all).length === 0) {
    const remedy =
      "every copy of the data is gone: up does nothing; bring a volume back, or destroy the stack";
    return { remedy, repaired: false };
  }
  return { remedy: "up makes an empty one; its member takes the data from the others", repaired: true };
}

const isData = (name: string) => kindOfData(name) === "postgres";

/** PostgreSQL's volumes that are there. */
function dataLeft(all: readonly DockerResource[]): DockerResource[] {
  return all.filter(({ kind, name, there }) => kind === "volume" && there && isData(name));
}
