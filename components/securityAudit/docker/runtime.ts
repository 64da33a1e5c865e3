import { type Control, DOCKER, fineIf, judge, listed, notApplicable, ofContainers } from "../control.ts";
import { type Binding, bindingsOf, openBindings } from "./ports.ts";

/** Ports inside of the containers by the kind that their names end with. */
const PORTS: Readonly<Record<string, readonly number[]>> = {
  etcd: [2379, 2380],
  postgres: [5432, 8008],
  haproxy: [5000, 5001],
  pgbouncer: [6432],
};

/** Nodes of Redis listen on the port under which clients are sent to them, which is the same on the host. */
function isNeeded(name: string, { inside, port }: Binding): boolean {
  const kind = /([a-z]+)-\d+$/.exec(name)?.[1] ?? "";
  const own = kind === "redis" ? [port] : (PORTS[kind] ?? []);
  return own.some((one) => inside === `${one}/tcp`);
}

/** Folders of the host that nobody mounts; `/` itself only as a whole. */
const SENSITIVE =
  /^\/($|(boot|dev|etc|lib|proc|sys|usr|root|run|var\/run|var\/lib\/docker)(\/(?!volumes\/)|$))/;

const EXEC =
  "a matter of how people use docker exec; the program itself runs commands as the container's own user";

export const RUNTIME: readonly Control[] = [
  {
    id: "5.1",
    title: "Swarm is off where it is not needed",
    benchmark: DOCKER,
    check: ({ engines }) =>
      judge(engines, ({ swarm }) => fineIf(swarm === "inactive", swarm), {
        fine: "off",
        wrong: "Swarm is on",
      }),
  },
  ofContainers(
    "5.2",
    "AppArmor, where the engine has it",
    ({ engine, inspected: { AppArmorProfile } }) => {
      if (!engine.securityOptions.some((one) => one.startsWith("name=apparmor")))
        return ["excused", "engine without AppArmor"];
      return fineIf(!["", "unconfined"].includes(AppArmorProfile), AppArmorProfile || "no profile");
    },
    { fine: "confined", excused: "the engine has no AppArmor", wrong: "not confined" },
  ),
  ofContainers(
    "5.3",
    "SELinux, where the engine has it",
    ({ engine, inspected: { HostConfig, ProcessLabel } }) => {
      if (!engine.securityOptions.some((one) => one.startsWith("name=selinux")))
        return ["excused", "engine without SELinux"];
      const off = (HostConfig.SecurityOpt ?? []).some((one) => /^label[=:]disable/.test(one));
      return fineIf(!off && ProcessLabel !== "", ProcessLabel || "no label");
    },
    { fine: "labelled", excused: "the engine has no SELinux", wrong: "without a label" },
  ),
  ofContainers(
    "5.4",
    "No capabilities beyond need",
    ({ inspected: { HostConfig } }) => {
      const added = HostConfig.CapAdd ?? [];
      const dropped = HostConfig.CapDrop ?? [];
      return fineIf(
        dropped.includes("ALL") && added.length === 0,
        `dropped ${listed(dropped)}, added ${listed(added)}`,
      );
    },
    { fine: "none at all", wrong: "drop ALL, add none" },
  ),
  ofContainers(
    "5.5",
    "Not privileged",
    ({ inspected: { HostConfig } }) => fineIf(!HostConfig.Privileged, `Privileged=${HostConfig.Privileged}`),
    {
      fine: "none is",
      wrong: "a privileged container is root on the host",
    },
  ),
  ofContainers(
    "5.6",
    "No sensitive folders of the host",
    ({ inspected: { Mounts } }) => {
      const bound = Mounts.filter(({ Type, Source }) => Type === "bind" && SENSITIVE.test(Source)).map(
        ({ Source }) => Source,
      );
      return fineIf(bound.length === 0, bound.length === 0 ? "none" : listed(bound));
    },
    { fine: "only volumes of its own and memory", wrong: "mounts folders of the host" },
  ),
  ofContainers("5.7", "No SSH server", ({ sshd }) => fineIf(!sshd, sshd ? "sshd" : "none"), {
    fine: "none is installed",
    wrong: "an SSH server is in the container",
  }),
  ofContainers(
    "5.8",
    "No privileged ports",
    ({ inspected }) => {
      const low = bindingsOf(inspected).filter(({ port }) => port < 1024);
      return fineIf(
        low.length === 0,
        low.length === 0 ? "all from 1024 on" : listed(low.map(({ port }) => String(port))),
      );
    },
    { fine: "all from 1024 on", wrong: "ports below 1024 are published" },
  ),
  ofContainers(
    "5.9",
    "Only ports that are needed",
    ({ name, inspected }) => {
      const bindings = bindingsOf(inspected);
      const bound = bindings.map(({ inside }) => inside);
      const other = bindings.filter((one) => !isNeeded(name, one)).map(({ inside }) => inside);
      const wrong = inspected.HostConfig.PublishAllPorts || other.length > 0;
      return fineIf(!wrong, wrong ? listed(other, "publishes all ports") : listed(bound, "publishes none"));
    },
    { fine: "only those of its own service", wrong: "a port that is not its service's" },
  ),
  ofContainers(
    "5.10",
    "Not the host's network",
    ({ inspected: { HostConfig } }) =>
      fineIf(HostConfig.NetworkMode !== "host", HostConfig.NetworkMode === "host" ? "host" : "its own"),
    { fine: "a network of the stack", wrong: "shares the host's network" },
  ),
  ofContainers(
    "5.11",
    "Memory is limited",
    ({ inspected: { HostConfig } }) =>
      fineIf(
        HostConfig.Memory > 0,
        HostConfig.Memory > 0 ? `${Math.round(HostConfig.Memory / 2 ** 20)} MB` : "no limit",
      ),
    { fine: "each has a limit, without swap beyond it", wrong: "no limit" },
  ),
  ofContainers(
    "5.12",
    "Processor time is shared out",
    ({
      inspected: {
        HostConfig: { CpuShares, NanoCpus, CpuQuota },
      },
    }) =>
      fineIf(
        (CpuShares > 0 && CpuShares !== 1024) || NanoCpus > 0 || CpuQuota > 0,
        NanoCpus > 0 ? `${NanoCpus / 1e9} cores` : CpuQuota > 0 ? `quota ${CpuQuota}` : `shares ${CpuShares}`,
      ),
    {
      fine: "by shares or a limit",
      wrong: "neither shares nor a limit: one container can take all processor time from others",
    },
  ),
  ofContainers(
    "5.13",
    "Root file system is read-only",
    ({ inspected: { HostConfig } }) =>
      fineIf(HostConfig.ReadonlyRootfs, `ReadonlyRootfs=${HostConfig.ReadonlyRootfs}`),
    { fine: "only volumes and memory can be written to", wrong: "the image's files can be changed" },
  ),
  ofContainers(
    "5.14",
    "Ports are bound to an address",
    ({ inspected }) => {
      const open = openBindings(inspected);
      const all = [...new Set(bindingsOf(inspected).map(({ address }) => address))];
      return fineIf(open.length === 0, open.length === 0 ? listed(all, "publishes none") : listed(open));
    },
    { fine: "to the configured one", wrong: "published on all addresses of the host: set hosts[].bind" },
  ),
  ofContainers(
    "5.15",
    "Restarts end after five failures",
    ({
      inspected: {
        HostConfig: {
          RestartPolicy: { Name, MaximumRetryCount },
        },
      },
    }) => {
      const seen = Name === "on-failure" ? `${Name}:${MaximumRetryCount}` : Name || "no";
      if (Name === "unless-stopped") return ["excused", seen];
      const bounded =
        ["", "no"].includes(Name) ||
        (Name === "on-failure" && MaximumRetryCount >= 1 && MaximumRetryCount <= 5);
      return fineIf(bounded, seen);
    },
    {
      fine: "as recommended",
      excused:
        "a data tier has to come back after a restart of the host, which on-failure does not do; the engine waits longer before each try",
      wrong: "restarted without end",
    },
  ),
  ofContainers(
    "5.16",
    "Not the host's processes",
    ({ inspected: { HostConfig } }) => fineIf(HostConfig.PidMode !== "host", HostConfig.PidMode || "its own"),
    {
      fine: "a namespace of its own",
      wrong: "sees and signals the host's processes",
    },
  ),
  ofContainers(
    "5.17",
    "Not the host's shared memory",
    ({ inspected: { HostConfig } }) => fineIf(HostConfig.IpcMode !== "host", HostConfig.IpcMode || "its own"),
    {
      fine: "a namespace of its own",
      wrong: "shares the host's memory",
    },
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
      return fineIf(shared.length === 0, listed(shared));
    },
    { fine: "none", wrong: "mounts show on the host" },
  ),
  ofContainers(
    "5.21",
    "Not the host's name",
    ({ inspected: { HostConfig } }) => fineIf(HostConfig.UTSMode !== "host", HostConfig.UTSMode || "its own"),
    {
      fine: "a namespace of its own",
      wrong: "can rename the host",
    },
  ),
  ofContainers(
    "5.22",
    "The engine's seccomp profile is in force",
    ({ engine, inspected: { HostConfig } }) => {
      const own = (HostConfig.SecurityOpt ?? []).filter((one) => one.startsWith("seccomp"));
      const there = engine.securityOptions.some((one) => one.startsWith("name=seccomp"));
      return fineIf(
        there && !own.some((one) => one.includes("unconfined")),
        there ? listed(own, "the engine's profile") : "engine without seccomp",
      );
    },
    { fine: "the engine's own", wrong: "calls to the kernel are not filtered" },
  ),
  notApplicable(DOCKER, "5.23", "docker exec without --privileged", EXEC),
  notApplicable(DOCKER, "5.24", "docker exec without --user root", EXEC),
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
      const set = (HostConfig.SecurityOpt ?? []).some((one) => /^no-new-privileges([:=]true)?$/.test(one));
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
      fineIf(
        /^sha256:[0-9a-f]{64}$/.test(Config.Image),
        /^sha256:/.test(Config.Image) ? "by its id" : Config.Image,
      ),
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
    "5.31",
    "Not the host's users",
    ({ inspected: { HostConfig } }) =>
      fineIf(HostConfig.UsernsMode !== "host", HostConfig.UsernsMode || "the engine's"),
    {
      fine: "as the engine maps users",
      wrong: "left out of the engine's mapping of users",
    },
  ),
  ofContainers(
    "5.32",
    "No Docker socket",
    ({ inspected: { Mounts } }) => {
      const sockets = Mounts.map(({ Source }) => Source).filter((source) => /docker\.sock$/.test(source));
      return fineIf(sockets.length === 0, listed(sockets));
    },
    { fine: "in none", wrong: "who has the socket is root on the host" },
  ),
];
