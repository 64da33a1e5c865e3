import { describe, expect, it, test } from "vitest";
import { auditReport, findingsOf } from "../../../operations/audit/audit.ts";
import { DOCKER, type Finding, POSTGRESQL } from "../../../operations/audit/control.ts";
import { CONTROLS } from "../../../operations/audit/controls.ts";
import { readFileFacts } from "../../../operations/audit/memberFacts.ts";
import { admitsFromOutside } from "../../../operations/audit/postgres/login.ts";
import { weakCiphers } from "../../../operations/audit/postgres/settings.ts";
import { render } from "../../../operations/audit/render.ts";
import { audit } from "../../../cli/audit.ts";
import { SUPERUSER_LIKE_ROLES } from "../../../lib/names.ts";
import { TYPE } from "../../../lib/pulumi/types.ts";
import { resource, resourceRule } from "../policy/support.ts";
import { DOCKER_BREAKS, POSTGRESQL_BREAKS } from "./breaks.ts";
import { role, rules, safeFacts } from "./safeFacts.ts";

const find = (findings: readonly Finding[], benchmark: string, id: string): Finding =>
  findings.find((finding) => finding.benchmark === benchmark && finding.id === id)!;

/** Otherwise than the benchmark recommends, for a reason that the check has found true. */
const EXCUSED = [
  ...["3.1.15", "3.1.22", "3.1.25", "4.8", "5.7"].map((id) => `${POSTGRESQL} ${id}`),
  ...["3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "27"].map((id) => `${POSTGRESQL} 3.1.${id}`),
  ...["5.15", "5.29"].map((id) => `${DOCKER} ${id}`),
];

/** Decided by somebody else, or not by a look at a running stack. */
const OUT_OF_SIGHT = [
  ...["1.1", "1.2", "1.3", "3.1.1", "4.1", "4.7", "5.6"].map((id) => `${POSTGRESQL} ${id}`),
  ...["6.1", "6.3", "6.4", "6.6", "6.7", "6.11", "7.3", "7.4", "8.1", "8.2"].map(
    (id) => `${POSTGRESQL} ${id}`,
  ),
  ...["1", "2", "3", "6", "7", "4.4", "4.5", "4.11", "4.12", "5.23", "5.24"].map((id) => `${DOCKER} ${id}`),
];

describe("a stack as it should be", () => {
  const findings = findingsOf(safeFacts());

  it.each(CONTROLS.map(({ benchmark, id }) => [benchmark, id]))(
    "passes %s %s, or is excused with a reason",
    (benchmark, id) => {
      const { result, reason, evidence } = find(findings, benchmark, id);
      const name = `${benchmark} ${id}`;
      const excused = EXCUSED.includes(name) || OUT_OF_SIGHT.includes(name) || name === `${POSTGRESQL} 1.5`;
      expect({ name, result, evidence }).toMatchObject({ result: excused ? "not applicable" : "pass" });
      expect(reason).not.toBe("");
      if (!OUT_OF_SIGHT.includes(name)) expect(evidence).not.toBe("");
    },
  );

  it("is looked at by each control once, and each that looks is broken below", () => {
    const names = CONTROLS.map(({ benchmark, id }) => `${benchmark} ${id}`);
    expect(new Set(names).size).toBe(names.length);
    const broken = [
      ...Object.keys(POSTGRESQL_BREAKS).map((id) => `${POSTGRESQL} ${id}`),
      ...Object.keys(DOCKER_BREAKS).map((id) => `${DOCKER} ${id}`),
    ];
    expect([...broken, ...OUT_OF_SIGHT].sort()).toEqual([...names].sort());
  });
});

const breaks = [
  ...Object.entries(POSTGRESQL_BREAKS).map(([id, ways]) => [POSTGRESQL, id, ways] as const),
  ...Object.entries(DOCKER_BREAKS).map(([id, ways]) => [DOCKER, id, ways] as const),
];

test.each(breaks)("%s %s fails where it is broken", (benchmark, id, ways) => {
  for (const [i, apply] of ways.entries()) {
    const facts = safeFacts();
    apply(facts);
    const finding = find(findingsOf(facts), benchmark, id);
    expect({ way: i, result: finding.result }).toEqual({ way: i, result: "fail" });
    expect(finding.evidence).not.toBe("");
  }
});

test("nothing to look at is a failure and no pass", () => {
  const findings = findingsOf({ engines: [], containers: [], members: [] });
  expect(findings.filter(({ result }) => result === "pass")).toEqual([]);
});

test("the first line of pg_hba.conf that fits decides who gets in", () => {
  const into = (...lines: string[]) => admitsFromOutside(rules(...lines), "postgres", ["dba"])?.line;
  expect(into("local all all trust", "host all all all reject")).toBeUndefined();
  expect(into("host all postgres all reject", "hostssl all all samenet scram-sha-256")).toBeUndefined();
  // One database, or TLS alone: others are left.
  expect(into("host acgs_db postgres all reject", "hostssl all all samenet scram-sha-256")).toBe(1);
  expect(into("hostssl all postgres all reject", "hostssl all all samenet scram-sha-256")).toBe(1);
  expect(into("hostssl all +dba samenet scram-sha-256")).toBe(0);
  expect(into("hostssl all +clients samenet scram-sha-256")).toBeUndefined();
});

test.each(SUPERUSER_LIKE_ROLES)("a login in %s fails here, and is refused by the policy before", (name) => {
  const facts = safeFacts();
  const member = facts.members[1]!;
  member.roles = [...member.roles, role("x", { memberOf: ["keeper", name] })];
  const results = ["4.8", "4.9"].map((id) => find(findingsOf(facts), POSTGRESQL, id).result);
  expect(results).toContain("fail");
  expect(resourceRule("no-superuser").faults(resource(TYPE.role, { roles: [name] }))).toHaveLength(1);
});

test("a range of one network is narrow enough", () => {
  for (const [address, netmask] of [
    ["172.28.0.0", "255.255.0.0"],
    ["10.1.2.3", "255.255.255.255"],
    ["fd00:1:2:3::", "ffff:ffff:ffff:ffff::"],
  ]) {
    const facts = safeFacts();
    const [line, end] = rules("hostssl acgs_db a x scram-sha-256", "host all all all reject");
    for (const member of facts.members) member.accessRules = [{ ...line!, address, netmask }, end!];
    expect(find(findingsOf(facts), POSTGRESQL, "5.9").result).toBe("pass");
  }
});

test("weak ciphers are found among the words of a list", () => {
  expect(weakCiphers("HIGH:MEDIUM:+3DES:!aNULL")).toEqual(["MEDIUM"]);
  expect(weakCiphers("ECDHE+AESGCM:ECDHE+CHACHA20")).toEqual([]);
  expect(weakCiphers("HIGH:!aNULL:!3DES")).toEqual([]);
  expect(weakCiphers("HIGH")).toEqual(["HIGH with aNULL"]);
});

test("what the look into a container prints is read back", () => {
  const printed = "umask 0077\nkey 600 postgres\nhistories /a b/.psql_history\nhistories /c\nsudo yes\n";
  expect(readFileFacts(printed)).toMatchObject({
    umask: "0077",
    key: "600 postgres",
    histories: ["/a b/.psql_history", "/c"],
    dataDirectory: "",
    sudo: true,
  });
});

describe("the table", () => {
  const facts = safeFacts();
  DOCKER_BREAKS["5.5"]![0]!(facts);
  const report = auditReport("test", findingsOf(facts), new Date("2026-11-21T22:00:00Z"));
  const text = (width: number) => render(report, { width, style: (_, what) => what });

  it.each([80, 110, 200])("is no wider than %d columns", (width) => {
    expect(
      Math.max(
        ...text(width)
          .split("\n")
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(width);
  });

  it("has a line for each control, and each fail in full with what was seen", () => {
    const lines = text(160).split("\n");
    for (const { id, title } of CONTROLS)
      expect(lines.some((line) => line.includes(`  ${id} `) && line.includes(title))).toBe(true);
    expect(text(160)).toContain("CIS Docker 5.5: Not privileged");
    expect(text(160)).toContain("    Privileged=true (acgs-test-postgres-2)");
    expect(report.counts.fail).toBe(1);
    expect(text(160)).toContain(" 1 fail, ");
  });
});

test("arguments", () => {
  expect(audit.parse([])).toEqual({ stack: "dev" });
  expect(audit.parse(["prod", "--json"])).toEqual({ stack: "prod", json: "-" });
  expect(audit.parse(["--json=audit.json"])).toEqual({ stack: "dev", json: "audit.json" });
  expect(() => audit.parse(["--fix"])).toThrow("audit does not take --fix");
});
