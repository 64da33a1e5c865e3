import fc from "fast-check";
import { connect, type Socket } from "node:net";
import { describe, expect, it, vi } from "vitest";
import {
  CONFIGURATION_FILE,
  haproxyConfiguration,
  MEMBERS_FILE,
  membersConfiguration,
  parseMembers,
  READER_PORT,
  type RoutedMember,
  WRITER_PORT,
} from "../../../components/haproxy/haproxyConfiguration.ts";
import { parseStatistics, type ServerState } from "../../../components/haproxy/runtimeApi.ts";
import { TLS_FILE } from "../../../components/docker/filePaths.ts";
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

/** PostgreSQL of a member and Patroni's REST API, played by the same HAProxy: `rules` say what Patroni answers. */
const actor = (n: number, ...rules: string[]) => [
  `frontend patroni-${n}`,
  `  bind 127.0.0.1:${8007 + n} ssl crt ${TLS_FILE.certificate}`,
  "  mode http",
  "  timeout client 10s",
  ...rules.map((rule) => `  ${rule}`),
  `frontend postgres-${n}`,
  `  bind 127.0.0.1:${5431 + n}`,
  "  tcp-request inspect-delay 1h",
  "  tcp-request content accept if WAIT_END",
];
const answer = (status: number, role: string, when = "") =>
  `http-request return status ${status} content-type application/json string '{"state": "running", "role": "${role}"}'${when}`;
const played = [1, 2].map((n) => ({
  name: `postgres-${n}`,
  host: "localhost",
  port: 5431 + n,
  checkPort: 8007 + n,
}));

describe("reads on a replica", () => {
  /** The servers `state` say what both replicas tell. */
  const actors = [1, 2].flatMap((n) =>
    actor(
      n,
      answer(503, "primary", ` if !{ srv_is_up(state/replica-${n}) }`),
      answer(503, "replica", ` if !{ srv_is_up(state/fresh-${n}) }`),
      answer(200, "replica"),
    ),
  );
  const state = ["replica-1", "replica-2", "fresh-1", "fresh-2"].map(
    (name) => `  server ${name} 127.0.0.1:1`,
  );

  it("end well when it falls behind, and end at once when it is a replica no more", async () => {
    const own = [membersConfiguration(played), ...actors, "backend state", "  mode http", ...state, ""];
    const { port, exec, stop } = await startProgram("haproxy", READER_PORT, {
      ...(await tlsFiles("haproxy-1")),
      [CONFIGURATION_FILE]: haproxyConfiguration(),
      [MEMBERS_FILE]: own.join("\n"),
    });
    const sockets: Socket[] = [];
    try {
      const states = async () => parseStatistics((await exec("haproxy-ask", "show stat")).output, "reader");
      const become = (when: (all: ServerState[]) => void) =>
        vi.waitFor(async () => when(await states()), { timeout: 20_000, interval: 100 });
      const read = () => {
        const socket = connect(port, "127.0.0.1").on("error", () => undefined);
        sockets.push(socket);
        return socket;
      };
      await become((all) => expect(all.map(({ up }) => up)).toEqual([true, true]));

      const first = read();
      await become((all) => expect(all.map(({ sessions }) => sessions).sort()).toEqual([0, 1]));
      const [lagging, fresh] = (await states())
        .sort((a, b) => b.sessions - a.sessions)
        .map(({ member }) => member);
      const number = lagging!.at(-1)!;
      await exec("haproxy-ask", `set server state/fresh-${number} state maint`);
      await become((all) => expect(all.filter(({ up }) => up).map(({ member }) => member)).toEqual([fresh]));
      const second = read();
      await become((all) => expect(all.map(({ sessions }) => sessions)).toEqual([1, 1]));
      expect([first.closed, second.closed]).toEqual([false, false]);

      await exec("haproxy-ask", `set server state/replica-${number} state maint`);
      await vi.waitFor(() => expect(first.closed).toBe(true), { timeout: 10_000, interval: 100 });
      expect(second.closed).toBe(false);
    } finally {
      for (const socket of sockets) socket.destroy();
      await stop();
    }
  });
});

describe("a reload", () => {
  it("sends nobody to a member before it knows what that is", { timeout: 60_000 }, async () => {
    const slowly = ["tcp-request inspect-delay 2s", "tcp-request content accept if WAIT_END"];
    const replica = actor(1, ...slowly, answer(200, "replica"));
    const primary = actor(2, ...slowly, answer(503, "primary"));
    const { port, exec, stop } = await startProgram("haproxy", READER_PORT, {
      ...(await tlsFiles("haproxy-1")),
      [CONFIGURATION_FILE]: haproxyConfiguration(),
      [MEMBERS_FILE]: [membersConfiguration(played), ...replica, ...primary, ""].join("\n"),
    });
    const sockets: Socket[] = [];
    try {
      const asked = async () => (await exec("haproxy-ask", "show stat")).output;
      const states = async () =>
        parseStatistics(await asked(), "reader").map(({ up, sessions }) => [up, sessions]);
      const become = (wanted: unknown) =>
        vi.waitFor(async () => expect(await states()).toEqual(wanted), { timeout: 20_000, interval: 100 });
      await become([
        [true, 0],
        [false, 0],
      ]);

      await exec("bash", "-c", "kill -USR2 1");
      await vi.waitFor(async () => expect(await asked()).toMatch(/^reader,postgres-2,.*,UP 1.2,.*INI,/m), {
        timeout: 10_000,
        interval: 20,
      });
      expect((await states()).map(([up]) => up)).toEqual([false, false]);
      sockets.push(...[1, 2, 3, 4].map(() => connect(port, "127.0.0.1").on("error", () => undefined)));
      await become([
        [true, 4],
        [false, 0],
      ]);
      expect(sockets.map(({ closed }) => closed)).toEqual([false, false, false, false]);
    } finally {
      for (const socket of sockets) socket.destroy();
      await stop();
    }
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
