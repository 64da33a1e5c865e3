import { expect, test } from "vitest";
import { findingsOf } from "../../../operations/audit/audit.ts";
import { DOCKER } from "../../../operations/audit/control.ts";
import type { Inspected } from "../../../operations/audit/facts.ts";
import type { Args } from "../../../policy/values.ts";
import { container, resourceRule } from "../policy/support.ts";
import { safeFacts } from "./safeFacts.ts";

/** A setting of containers: its rule in the policy, its control in the audit, and how either is given a value. */
interface Setting<T> {
  rule: string;
  control: string;
  input: (value: T) => Args;
  inspect: (inspected: Inspected, value: T) => void;
  safe: readonly T[];
  unsafe: readonly T[];
}

const setting = <T>(one: Setting<T>) => one as Setting<unknown>;

const SETTINGS = [
  setting<string>({
    rule: "not-root",
    control: "4.1",
    input: (user) => ({ user }),
    inspect: ({ Config }, user) => (Config.User = user),
    safe: ["redis", "10", "999:999", "redis:root"],
    unsafe: ["", "root", "root:redis", "0", "0:999", "00", ":999"],
  }),
  setting<string[]>({
    rule: "no-capabilities",
    control: "5.4",
    input: (drops) => ({ capabilities: { drops } }),
    inspect: ({ HostConfig }, drops) => (HostConfig.CapDrop = drops),
    safe: [["ALL"], ["all"], ["NET_RAW", "ALL"]],
    unsafe: [[], ["NET_RAW"]],
  }),
  setting<boolean>({
    rule: "not-privileged",
    control: "5.5",
    input: (privileged) => ({ privileged }),
    inspect: ({ HostConfig }, privileged) => (HostConfig.Privileged = privileged),
    safe: [false],
    unsafe: [true],
  }),
  setting<string[]>({
    rule: "no-new-privileges",
    control: "5.26",
    input: (securityOpts) => ({ securityOpts }),
    inspect: ({ HostConfig }, options) => (HostConfig.SecurityOpt = options),
    safe: [["no-new-privileges"], ["no-new-privileges:true"], ["no-new-privileges=true"]],
    unsafe: [[], ["no-new-privileges:false"], ["no-new-privileges:trueish"]],
  }),
  setting<string[]>({
    rule: "no-new-privileges",
    control: "5.22",
    input: (more) => ({ securityOpts: ["no-new-privileges", ...more] }),
    inspect: ({ HostConfig }, options) => (HostConfig.SecurityOpt = options),
    safe: [[], ["seccomp=/etc/profile.json"]],
    unsafe: [["seccomp=unconfined"], ["seccomp:unconfined"]],
  }),
  setting<string[]>({
    rule: "no-new-privileges",
    control: "5.3",
    input: (more) => ({ securityOpts: ["no-new-privileges", ...more] }),
    inspect: ({ HostConfig }, options) => (HostConfig.SecurityOpt = options),
    safe: [[], ["label=type:svirt_t"]],
    unsafe: [["label=disable"], ["label:disable"]],
  }),
  setting<string>({
    rule: "no-docker-socket",
    control: "5.32",
    input: (source) => ({ mounts: [{ type: "bind", source, target: "/x" }] }),
    inspect: ({ Mounts }, Source) =>
      Mounts.push({ Type: "bind", Source, Destination: "/x", Propagation: "" }),
    safe: ["/srv/certificates", "/run/acgs"],
    unsafe: ["/", "/run", "/run/", "/var/run/docker.sock", "/elsewhere/docker.sock"],
  }),
  setting<string[]>({
    rule: "health-check",
    control: "4.6",
    input: (tests) => ({ healthcheck: { tests } }),
    inspect: ({ Config }, Test) => (Config.Healthcheck = { Test }),
    safe: [["CMD", "healthcheck"]],
    unsafe: [[], ["NONE"]],
  }),
  setting<string>({
    rule: "pinned-image",
    control: "5.28",
    input: (image) => ({ image }),
    inspect: ({ Config }, image) => (Config.Image = image),
    safe: [`sha256:${"0".repeat(64)}`, `debian@sha256:${"0".repeat(64)}`],
    unsafe: ["redis", "redis:7", "sha256:0"],
  }),
];

test.each(SETTINGS)("the policy ($rule) and the audit ($control) agree", (one) => {
  const verdicts = (value: unknown) => {
    const facts = safeFacts();
    one.inspect(facts.containers[1]!.inspected, value);
    const finding = findingsOf(facts).find(({ benchmark, id }) => benchmark === DOCKER && id === one.control);
    const faults = resourceRule(one.rule).faults(container(one.input(value)));
    return { value, policy: faults.length === 0, audit: finding!.result === "pass" };
  };
  for (const value of one.safe) expect(verdicts(value)).toEqual({ value, policy: true, audit: true });
  for (const value of one.unsafe) expect(verdicts(value)).toEqual({ value, policy: false, audit: false });
});
