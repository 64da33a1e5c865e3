import {
  confinementsOff,
  forbidsNewPrivileges,
  isNamedByContent,
  reachesEngine,
} from "../../../components/docker/hardening.ts";
import { type Control, fineIf, listed, noneOf, ofContainers, ofHostConfigs } from "../control.ts";

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
    ofHostConfigs(id, title, (config) => fineIf(config[mode] !== "host", config[mode] || "its own"), {
      fine: "a namespace of its own, or the engine's",
      wrong,
    }),
  ),
  ofHostConfigs(
    "5.18",
    "No devices of the host",
    ({ Devices }) => fineIf(!Devices?.length, `${Devices?.length ?? 0} devices`),
    { fine: "none", wrong: "devices of the host are in the container" },
  ),
  ofHostConfigs(
    "5.19",
    "Limits of the engine are set over only for a reason",
    ({ Ulimits }) =>
      fineIf(
        (Ulimits ?? []).every(({ Name }) => Name === "nproc" || Name === "nofile"),
        listed((Ulimits ?? []).map(({ Name, Hard }) => `${Name}=${Hard}`)),
      ),
    {
      fine: "processes, to bound them, and open files, which clients need",
      wrong: "a limit that the program does not set",
    },
  ),
  ofContainers(
    "5.20",
    "No shared propagation of mounts",
    ({ inspected: { Mounts } }) => {
      const shared = Mounts.filter(({ Propagation }) => /^r?shared$/.test(Propagation));
      return noneOf(shared.map(({ Destination }) => Destination));
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
  ofHostConfigs(
    "5.25",
    "The engine's own cgroup",
    ({ CgroupParent }) => fineIf(CgroupParent === "", CgroupParent || "the engine's"),
    { fine: "none is placed elsewhere", wrong: "limits of another group hold" },
  ),
  ofHostConfigs(
    "5.26",
    "No way to more rights",
    ({ SecurityOpt }) => {
      const set = forbidsNewPrivileges(SecurityOpt ?? []);
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
  ofHostConfigs(
    "5.29",
    "Processes are limited by the cgroup",
    ({ PidsLimit, Ulimits }) => {
      if ((PidsLimit ?? 0) > 0) return ["fine", `PidsLimit=${PidsLimit}`];
      const bound = (Ulimits ?? []).find(({ Name }) => Name === "nproc")?.Hard ?? -1;
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
    ({ inspected: { Mounts } }) => noneOf(Mounts.map(({ Source }) => Source).filter(reachesEngine)),
    { fine: "in none", wrong: "a process with the socket is root on the host" },
  ),
];
