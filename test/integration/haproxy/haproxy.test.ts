import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import {
  CONFIGURATION_FILE,
  haproxyConfiguration,
  MEMBERS_FILE,
  membersConfiguration,
  parseMembers,
  type RoutedMember,
  WRITER_PORT,
} from "../../../components/haproxy/haproxyConfiguration.ts";
import { tlsFiles } from "../../../testing/certificates.ts";
import { assertOfMany, hostileName, rendered } from "../../support/hostile.ts";
import { runProgram, startProgram } from "../../../testing/program.ts";

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

describe("members of any name", () => {
  it("are what HAProxy holds, or are refused", { timeout: 60_000 }, async () => {
    const port = fc.integer({ min: 1, max: 65_535 });
    const member = fc.record({ name: hostileName, host: hostileName, port, checkPort: port });
    await assertOfMany(member, 300, async (given) => {
      const taken = new Map<string, RoutedMember>();
      for (const one of given) {
        const result = rendered(() => membersConfiguration([one]));
        if ("text" in result) taken.set(one.name, one);
        else expect(result.refusal).toMatch(/^Not a name for HAProxy: ".*"\. It takes up to 63 letters/);
      }
      expect(taken.size).toBeGreaterThan(10);
      const own = membersConfiguration([...taken.values()]);
      expect(parseMembers(own)).toEqual(
        Object.fromEntries([...taken].map(([name, { name: _, ...where }]) => [name, where])),
      );
      const { exec, logs, stop } = await startProgram("haproxy", WRITER_PORT, {
        ...(await tlsFiles("haproxy-1")),
        [CONFIGURATION_FILE]: haproxyConfiguration(),
        [MEMBERS_FILE]: own,
      });
      try {
        const held = await vi.waitFor(
          async () => {
            const { output } = await exec("haproxy-ask", "show servers state writer");
            const [, head, ...lines] = output.trim().split("\n");
            if (!head?.startsWith("# be_id")) throw new Error(await logs());
            const names = head.slice(2).split(" ");
            const column = (line: string, name: string) => line.split(" ")[names.indexOf(name)]!;
            return lines.map((line) => ({
              name: column(line, "srv_name"),
              // Of an address there is nothing to look up.
              host: column(line, column(line, "srv_fqdn") === "-" ? "srv_addr" : "srv_fqdn"),
              port: Number(column(line, "srv_port")),
              checkPort: Number(column(line, "srv_check_port")),
            }));
          },
          { timeout: 30_000, interval: 100 },
        );
        const byName = (a: RoutedMember, b: RoutedMember) => (a.name < b.name ? -1 : 1);
        expect(held.sort(byName)).toEqual([...taken.values()].sort(byName));
      } finally {
        await stop();
      }
    });
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
