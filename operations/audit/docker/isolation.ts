import {
  confinementsOff,
  forbidsNewPrivileges,
  isNamedByContent,
  reachesEngine,
} from "../../../components/docker/hardening.ts";
import { type Control, fineIf, listed, noneOf, ofContainers } from "../control.ts";

/** Namespaces that the host and a container may share, and what sharing one means. */
const NAMESPACES = [
  ["5.10", "Not the host's network", "NetworkMode", "shares the host's network"],
  ["5.16", "Not the host's processes", "PidMode", "sees and signals the host's processes"],
  ["5.17", "Not the host's shared memory", "IpcMode", "shares the host's memory"],
  ["5.21", "Not the host's name", "UTSMode", "can rename the host"],
  ["5.31", "Not the host's users", "UsernsMode", "left out of the engine's mapping of users"],
] as const;

/** What keeps containers from the host and from each other: 5.16 to 5.32, and 5.10. */
export const ISOLATION: readonly Control[] = [
  ...NAMESPACES.map(([id, title, mode, wrong]) =>
    ofContainers(
      id,
      title,
      ({ inspected: { HostConfig } }) => fineIf(HostConfig[mode] !== "host", HostConfig[mode] || "its own"),
      { fine: "a namespace of its own, or the engine's", wrong },
    ),
  ),
  ofContainers(
    "5.18",
    "No devices of the host",
    ({ inspected: { HostConfig } }) =>
      fineIf((HostConfig.Devices ?? []).length === 0, `${(HostConfig.Devices ?? []).length} devices`),
    {
      fine: "none",
      wrong: "devices of the host are in the container",
    },
  ),
  ofContainers(
    "5.19",
    "Limits of the engine are set over only for a reason",
    ({ inspected: { HostConfig } }) => {
      const other = (HostConfig.Ulimits ?? []).filter(({ Name }) => Name !== "nproc");
      const seen = listed((HostConfig.Ulimits ?? []).map(({ Name, Hard }) => `${Name}=${Hard}`));
      return fineIf(other.length === 0, seen);
    },
    { fine: "processes only: to bound them", wrong: "a limit that the program does not set" },
  ),
  ofContainers(
    "5.20",
    "No shared propagation of mounts",
    ({ inspected: { Mounts } }) => {
      const shared = Mounts.filter(({ Propagation }) => ["shared", "rshared"].includes(Propagation)).map(
        ({ Destination }) => Destination,
      );
      return noneOf(shared);
    },
    { fine: "none", wrong: "mounts show on the host" },
  ),
  ofContainers(
    "5.22",
    "The engine's seccomp profile is in force",
    ({ engine, inspected: { HostConfig } }) => {
      const own = (HostConfig.SecurityOpt ?? []).filter((one) => one.startsWith("seccomp"));
      const there = engine.securityOptions.some((one) => one.startsWith("name=seccomp"));
      return fineIf(
        there && confinementsOff(own).length === 0,
        there ? listed(own, "the engine's profile") : "engine without seccomp",
      );
    },
    { fine: "the engine's own", wrong: "calls to the kernel are not filtered" },
  ),
  ofContainers(
    "5.25",
    "The engine's own cgroup",
    ({ inspected: { HostConfig } }) =>
      fineIf(HostConfig.CgroupParent === "", HostConfig.CgroupParent || "the engine's"),
    {
      fine: "none is placed elsewhere",
      wrong: "limits of another group hold",
    },
  ),
  ofContainers(
    "5.26",
    "No way to more rights",
    ({ inspected: { HostConfig } }) => {
      const set = forbidsNewPrivileges(HostConfig.SecurityOpt ?? []);
      return fineIf(set, set ? "no-new-privileges" : "not set");
    },
    { fine: "no-new-privileges", wrong: "setuid files work" },
  ),
  ofContainers(
    "5.27",
    "Health is checked",
    ({ inspected: { State } }) =>
      fineIf(State.Health != null && State.Health.Status !== "unhealthy", State.Health?.Status ?? "no check"),
    { fine: "each has a check", wrong: "no check, or not well" },
  ),
  ofContainers(
    "5.28",
    "The image that is meant is used",
    ({ inspected: { Config } }) =>
      fineIf(isNamedByContent(Config.Image), /^sha256:/.test(Config.Image) ? "by its id" : Config.Image),
    { fine: "named by id: no tag can move under it", wrong: "named by a tag that can move" },
  ),
  ofContainers(
    "5.29",
    "Processes are limited by the cgroup",
    ({ inspected: { HostConfig } }) => {
      if ((HostConfig.PidsLimit ?? 0) > 0) return ["fine", `PidsLimit=${HostConfig.PidsLimit}`];
      const bound = (HostConfig.Ulimits ?? []).find(({ Name }) => Name === "nproc")?.Hard ?? -1;
      return bound > 0
        ? ["excused", `PidsLimit=none, nproc=${bound}`]
        : ["wrong", "PidsLimit=none, nproc=none"];
    },
    {
      fine: "as recommended",
      excused:
        "the Docker provider of Pulumi cannot set it; ulimit nproc bounds the processes of the container's user instead",
      wrong: "a program can fork without end",
    },
  ),
  ofContainers(
    "5.30",
    "Not the default bridge",
    ({ inspected: { NetworkSettings } }) => {
      const names = Object.keys(NetworkSettings.Networks);
      return fineIf(names.length > 0 && !names.includes("bridge"), listed(names));
    },
    { fine: "a network of the stack's own", wrong: "every other container reaches it" },
  ),
  ofContainers(
    "5.32",
    "No Docker socket",
    ({ inspected: { Mounts } }) => {
      return noneOf(Mounts.map(({ Source }) => Source).filter(reachesEngine));
    },
    { fine: "in none", wrong: "who has the socket is root on the host" },
  ),
];
