import { describe, expect, it } from "vitest";
import {
  CONFIGURATION_FILE,
  haproxyConfiguration,
  MEMBERS_FILE,
  membersConfiguration,
  parseMembers,
} from "../../../components/router/haproxy.ts";
import { tlsFiles } from "../../support/certificates.ts";
import { runProgram } from "../../support/program.ts";

const members = [1, 2, 3].map((n) => ({
  name: `postgres-${n}`,
  host: `postgres-${n}`,
  port: 5432,
  checkPort: 8008,
}));
const check = async (configuration: string, own: string) =>
  runProgram("haproxy", ["haproxy", "-c", "-V", "-f", CONFIGURATION_FILE, "-f", MEMBERS_FILE], {
    ...(await tlsFiles("haproxy-1")),
    [CONFIGURATION_FILE]: configuration,
    [MEMBERS_FILE]: own,
  });

describe("HAProxy's files", () => {
  it("are valid for HAProxy itself, without a warning", async () => {
    const { status, output } = await check(haproxyConfiguration(), membersConfiguration(members));
    expect(output).not.toMatch(/WARNING|ALERT/);
    expect(status).toBe(0);
  });

  it("are valid before there are members", async () => {
    expect((await check(haproxyConfiguration(), "# no members yet\n")).status).toBe(0);
  });
});

describe("membersConfiguration", () => {
  it("names every member in each backend", () => {
    const lines = membersConfiguration(members).split("\n");
    for (const { name } of members) {
      expect(lines.filter((line) => line.startsWith(`  server ${name} `))).toHaveLength(3);
    }
  });

  it("is read back", () => {
    const read = Object.entries(parseMembers(membersConfiguration(members)));
    expect(read.map(([name, where]) => ({ name, ...where }))).toEqual(members);
  });

  it("refuses a name that could be more than one", () => {
    expect(() => membersConfiguration([{ ...members[0]!, host: "a\n  server evil" }])).toThrow("Not a name");
  });
});
