import { describe, expect, it } from "vitest";
import { haproxyConfiguration } from "../../../components/router/haproxy.ts";
import { runProgram } from "../../support/program.ts";

const members = [1, 2, 3].map((n) => ({
  name: `postgres-${n}`,
  host: `postgres-${n}`,
  port: 5432,
  checkPort: 8008,
}));
const FILE = "/etc/haproxy/haproxy.cfg";
const check = (configuration: string) =>
  runProgram("haproxy", ["haproxy", "-c", "-V", "-f", FILE], { [FILE]: configuration });

describe("haproxyConfiguration", () => {
  it("is valid for HAProxy itself, without a warning", async () => {
    const { status, output } = await check(haproxyConfiguration(members));
    expect(output).not.toMatch(/WARNING|ALERT/);
    expect(status).toBe(0);
  });

  it("names every member in both backends", () => {
    const lines = haproxyConfiguration(members).split("\n");
    for (const { name } of members) {
      expect(lines.filter((line) => line.startsWith(`  server ${name} `))).toHaveLength(2);
    }
  });
});
