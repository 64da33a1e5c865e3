import fc from "fast-check";
import { expect, it } from "vitest";
import { liveSettings } from "../../../components/redis/liveSettings.ts";
import { printableJson } from "../../../lib/text/printableJson.ts";
import { NODE_FILE, nodeConfig } from "../../../components/redis/nodeFiles.ts";
import { peerPasswordFile } from "../../../components/redis/users.ts";
import { tlsFiles } from "../../../testing/certificates.ts";
import { assertOfMany, hostileName, rendered } from "../../support/hostile.ts";
import { runProgram } from "../../../testing/program.ts";
import { ADMIN_PASSWORD, USERS } from "../../unit/redis/testCluster.ts";

/** Starts a node on each configuration in turn, changes what is set live, and asks it what it holds. */
const READ = `
for file in /configurations/*; do
  rm -rf /var/lib/redis/nodes.conf
  redis-server "$file" > /tmp/log 2>&1 &
  pid=$!
  ask() { redis-cli -s /tmp/redis.sock --user admin --pass "$(cat /password)" --no-auth-warning "$@"; }
  for _ in {1..200}; do [[ $(ask PING 2> /dev/null) == PONG ]] && break; sleep 0.02; done
  while read -r name value; do ask CONFIG SET "$name" "$value" > /dev/null; done < /live
  ask CONFIG GET cluster-announce-hostname tls-port maxmemory maxclients save | paste -s -d '|' || tail -n 3 /tmp/log
  kill "$pid"; wait
done
`;

it("a node's settings are what Redis holds, or are refused", { timeout: 60_000 }, async () => {
  const port = fc.integer({ min: 1024, max: 55_535 });
  const live = liveSettings({ maxMemoryMb: 100, maxClients: 120 });
  await assertOfMany(fc.tuple(fc.oneof(fc.domain(), hostileName), port), 200, async (given) => {
    const taken = new Map<string, number>();
    for (const [address, port] of given) {
      const result = rendered(() => nodeConfig(port, address));
      if ("text" in result) taken.set(address, port);
      else
        expect(result.refusal).toContain(
          `Redis cannot announce ${printableJson(address)} to its clients: give the`,
        );
    }
    // Each takes a moment to start.
    const cases = [...taken].sort(([a], [b]) => b.length - a.length).slice(0, 12);
    expect(cases).toHaveLength(12);
    const { status, output } = await runProgram("redis", ["bash", "-c", READ], {
      ...(await tlsFiles("redis-1")),
      [NODE_FILE.users]: USERS,
      [NODE_FILE.peerPassword]: peerPasswordFile([ADMIN_PASSWORD]),
      "/password": ADMIN_PASSWORD,
      "/live": Object.entries(live)
        .map(([name, value]) => `${name} ${value}\n`)
        .join(""),
      ...Object.fromEntries(
        cases.map(([address, port], i) => [`/configurations/${10 + i}.conf`, nodeConfig(port, address)]),
      ),
    });
    expect(status, output).toBe(0);
    const found = output
      .trim()
      .split("\n")
      .map((line) => {
        const words = line.split("|");
        return Object.fromEntries(words.flatMap((word, i) => (i % 2 === 0 ? [[word, words[i + 1]]] : [])));
      });
    expect(found).toEqual(
      cases.map(([address, port]) => ({
        "cluster-announce-hostname": address,
        "tls-port": String(port),
        maxmemory: String(100 * 2 ** 20),
        maxclients: "120",
        save: live["save"],
      })),
    );
  });
});
