import { checksHealth } from "../../components/docker/hardening.ts";
import { TYPE } from "../../lib/pulumi/types.ts";
import type { Resource, ResourceRule } from "../rule.ts";
import { isMissing, list, mapping, texts } from "../values.ts";

/** How a container is kept within its share of the host, and how it is looked after. */
const rule = (
  name: string,
  description: string,
  remedy: string,
  faults: (args: Resource["args"]) => string[],
): ResourceRule => ({
  name,
  description,
  remedy: `${remedy}; components/docker/container.ts does it for all`,
  types: [TYPE.container],
  faults: ({ args }) => faults(args),
});

export const BOUNDS: readonly ResourceRule[] = [
  rule(
    "memory-limit",
    "A container takes no more memory than it was given, swap included.",
    "give it `memory` and the same `memorySwap`, in MB",
    ({ memory, memorySwap }) => {
      if (isMissing(memory)) return ["has no limit on memory"];
      return isMissing(memorySwap) ? ["has no limit on memory with swap"] : [];
    },
  ),
  rule(
    "cpu-limit",
    "A container that spins leaves the others their share of the cores.",
    "give it `cpuShares`, or `cpus`",
    ({ cpuShares, cpus, cpuSet, cpuQuota }) => {
      const none = [cpuShares, cpuQuota].every(isMissing) && [cpus, cpuSet].every((value) => !value);
      return none ? ["has no share of the cores"] : [];
    },
  ),
  rule(
    "process-limit",
    "A container cannot fill the host with processes.",
    'give it `ulimits` with `{ name: "nproc", soft, hard }`',
    ({ ulimits }) => {
      if (typeof ulimits === "symbol") return [];
      const limits = list(ulimits).map(mapping);
      const nproc = limits.find(({ name }) => name === "nproc");
      return nproc === undefined || isMissing(nproc["hard"]) ? ["has no limit on processes"] : [];
    },
  ),
  rule(
    "stop-grace",
    "A container has time to end before it is killed, when it is stopped and when it is replaced.",
    "give it `stopTimeout` and `destroyGraceSeconds`",
    ({ stopTimeout, destroyGraceSeconds }) => {
      const without = [
        ...(isMissing(stopTimeout) ? ["when it is stopped"] : []),
        ...(isMissing(destroyGraceSeconds) ? ["when it is replaced or destroyed"] : []),
      ];
      return without.length > 0 ? [`is killed without a grace ${without.join(" and ")}`] : [];
    },
  ),
  rule(
    "health-check",
    "The engine knows whether a container works.",
    "give it a `healthcheck` whose `tests` run a program of the image",
    ({ healthcheck }) => {
      if (typeof healthcheck === "symbol") return [];
      const tests = mapping(healthcheck)["tests"];
      if (typeof tests === "symbol") return [];
      return checksHealth(texts(tests)) ? [] : ["has no health check"];
    },
  ),
  rule(
    "restart-policy",
    "A container that ends is started again, also after the host was.",
    'give it `restart: "unless-stopped"`',
    ({ restart }) => {
      const comesBack = typeof restart === "symbol" || restart === "unless-stopped" || restart === "always";
      return comesBack ? [] : ["is not started again when it has ended"];
    },
  ),
];
