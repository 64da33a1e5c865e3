import {
  confinementsOff,
  dropsAllCapabilities,
  forbidsNewPrivileges,
  isRoot,
  reachesEngine,
} from "../../components/docker/hardening.ts";
import { TYPE } from "../../lib/pulumi/types.ts";
import type { Resource, ResourceRule } from "../rule.ts";
import { list, mapping, text, texts } from "../values.ts";

/** What a container may do on its host (CIS Docker benchmark 1.6, section 5). */
const rule = (
  name: string,
  description: string,
  remedy: string,
  faults: (args: Resource["args"]) => string[],
): ResourceRule => ({
  name,
  description,
  remedy,
  types: [TYPE.container],
  faults: ({ args }) => faults(args),
});

export const PRIVILEGES: readonly ResourceRule[] = [
  rule(
    "not-root",
    "A container's processes are not root.",
    "give it a `user` other than root, as the image's Dockerfile makes one",
    ({ user }) => {
      if (typeof user === "symbol") return [];
      const name = text(user) ?? "";
      if (!isRoot(name)) return [];
      return [/^(:|$)/.test(name) ? "runs as root: it names no user" : "runs as root"];
    },
  ),
  rule("not-privileged", "No container is privileged.", "take `privileged` out", ({ privileged }) =>
    privileged === true ? ["is privileged: it can do on the host what root can"] : [],
  ),
  rule(
    "no-capabilities",
    "A container drops all of root's capabilities and adds none.",
    'give it `capabilities: { drops: ["ALL"] }` without `adds`',
    ({ capabilities }) => {
      if (typeof capabilities === "symbol") return [];
      const { drops, adds } = mapping(capabilities);
      const dropsAll = typeof drops === "symbol" || dropsAllCapabilities(texts(drops));
      return [
        ...(dropsAll ? [] : ["keeps capabilities of root"]),
        ...(list(adds).length > 0 ? [`adds the capabilities ${texts(adds).join(", ")}`] : []),
      ];
    },
  ),
  rule(
    "no-new-privileges",
    "No process of a container gets more privileges than it began with, and none is unconfined.",
    'give it `securityOpts: ["no-new-privileges:true"]` and no option that is `unconfined`',
    ({ securityOpts }) => {
      if (typeof securityOpts === "symbol" || list(securityOpts).some((one) => typeof one === "symbol"))
        return [];
      const options = texts(securityOpts);
      const off = confinementsOff(options);
      return [
        ...(forbidsNewPrivileges(options) ? [] : ["may gain privileges by a setuid program"]),
        ...(off.length > 0 ? [`switches the engine's own confinement off (${off.join(", ")})`] : []),
      ];
    },
  ),
  rule(
    "read-only-root",
    "A container's root file system is read-only.",
    "give it `readOnly: true`, and volumes or `tmpfs` where it writes",
    ({ readOnly }) =>
      typeof readOnly === "symbol" || readOnly === true ? [] : ["can write to its root file system"],
  ),
  rule(
    "no-host-namespaces",
    "No container shares the host's network, processes, memory or users.",
    "take `networkMode`, `pidMode`, `ipcMode` and `usernsMode` out; containers meet on the stack's own network",
    (args) =>
      ["networkMode", "pidMode", "ipcMode", "usernsMode"]
        .filter((mode) => args[mode] === "host")
        .map((mode) => `is in a namespace of the host (${mode})`),
  ),
  rule(
    "no-docker-socket",
    "No container reaches the engine that runs it.",
    "take the mount out; what needs the engine runs outside",
    ({ volumes, mounts }) =>
      [
        ...list(volumes).map((one) => mapping(one)["hostPath"]),
        ...list(mounts).map((one) => mapping(one)["source"]),
      ]
        .filter((path) => typeof path === "string")
        .filter(reachesEngine)
        .map((path) => `mounts ${path} of the host, by which it reaches the engine`),
  ),
];
