import { kindOf, type PartKind } from "../../../lib/parts.ts";
import { confinementsOff, dropsAllCapabilities } from "../../../components/docker/hardening.ts";
import { type Control, fineIf, listed, noneOf, ofContainers, ofHostConfigs } from "../control.ts";
import { type Binding, bindingsOf, openBindings } from "./ports.ts";

/** Ports inside of the containers by the kind that their names end with. */
const PORTS: Readonly<Record<Exclude<PartKind, "redis">, readonly number[]>> = {
  etcd: [2379, 2380],
  postgres: [5432, 8008],
  haproxy: [5000, 5001],
  pgbouncer: [6432],
};

/** Nodes of Redis listen on the port under which clients are sent to them, which is the same on the host. */
function isNeeded(name: string, { inside, port }: Binding): boolean {
  const kind = kindOf(name);
  const own = kind === "redis" ? [port] : kind === undefined ? [] : PORTS[kind];
  return own.some((one) => inside === `${one}/tcp`);
}

/** Folders of the host that nobody mounts; `/` itself only as a whole. */
const SENSITIVE =
  /^\/($|(boot|dev|etc|lib|proc|sys|usr|root|run|var\/run|var\/lib\/docker)(\/(?!volumes\/)|$))/;

/** Rights, ports and limits of containers: 5.2 to 5.15. */
export const RUNTIME: readonly Control[] = [
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
      const off = confinementsOff(HostConfig.SecurityOpt ?? []).some((one) => one.startsWith("label"));
      return fineIf(!off && ProcessLabel !== "", ProcessLabel || "no label");
    },
    { fine: "labelled", excused: "the engine has no SELinux", wrong: "without a label" },
  ),
  ofHostConfigs(
    "5.4",
    "No capabilities beyond need",
    ({ CapAdd, CapDrop }) => {
      const [added, dropped] = [CapAdd ?? [], CapDrop ?? []];
      const none = dropsAllCapabilities(dropped) && added.length === 0;
      return fineIf(none, `dropped ${listed(dropped)}, added ${listed(added)}`);
    },
    { fine: "none at all", wrong: "drop ALL, add none" },
  ),
  ofHostConfigs(
    "5.5",
    "Not privileged",
    ({ Privileged }) => fineIf(!Privileged, `Privileged=${Privileged}`),
    { fine: "none is", wrong: "a privileged container is root on the host" },
  ),
  ofContainers(
    "5.6",
    "No sensitive folders of the host",
    ({ inspected: { Mounts } }) => {
      const bound = Mounts.filter(({ Type }) => Type === "bind").map(({ Source }) => Source);
      return noneOf(bound.filter((source) => SENSITIVE.test(source)));
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
      const ports = bindingsOf(inspected).map(({ port }) => String(port));
      return noneOf(
        ports.filter((port) => Number(port) < 1024),
        "all from 1024 on",
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
  ofHostConfigs(
    "5.11",
    "Memory is limited",
    ({ Memory }) => fineIf(Memory > 0, Memory > 0 ? `${Math.round(Memory / 2 ** 20)} MB` : "no limit"),
    { fine: "each has a limit, without swap beyond it", wrong: "no limit" },
  ),
  ofHostConfigs(
    "5.12",
    "Processor time is shared out",
    ({ CpuShares, NanoCpus, CpuQuota }) =>
      fineIf(
        (CpuShares > 0 && CpuShares !== 1024) || NanoCpus > 0 || CpuQuota > 0,
        NanoCpus > 0 ? `${NanoCpus / 1e9} cores` : CpuQuota > 0 ? `quota ${CpuQuota}` : `shares ${CpuShares}`,
      ),
    { fine: "by shares or a limit", wrong: "neither: one container can take all processor time from others" },
  ),
  ofHostConfigs(
    "5.13",
    "Root file system is read-only",
    ({ ReadonlyRootfs }) => fineIf(ReadonlyRootfs, `ReadonlyRootfs=${ReadonlyRootfs}`),
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
  ofHostConfigs(
    "5.15",
    "Restarts end after five failures",
    ({ RestartPolicy: { Name, MaximumRetryCount } }) => {
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
];
