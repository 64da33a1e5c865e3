import { expect, it } from "vitest";
import { CLIENT_PORT, etcdCommand, PEER_PORT } from "../../../components/etcd/etcdCommand.ts";
import { tlsFiles } from "../../../testing/certificates.ts";
import { assertOfMany, hostileName, rendered } from "../../support/hostile.ts";
import { runProgram } from "../../../testing/program.ts";

const TOKEN = "acgs-dev";

/** Runs etcd with each line of arguments in turn, and prints what it says of itself. */
const READ = `
while IFS= read -r line; do
  mapfile -d $'\\x1f' -t words < <(printf '%s' "$line")
  "\${words[@]}" --data-dir="$(mktemp -d)" 2> /tmp/log &
  pid=$!
  for _ in {1..200}; do
    member=$(etcdctl member list --write-out json 2> /dev/null) && break
    sleep 0.05
  done
  echo "\${member:-$(cat /tmp/log)}"
  kill "$pid"; wait; member=""
done < /commands
`;

it("etcd's flags are read back by etcd as they were meant, or are refused", { timeout: 60_000 }, async () => {
  await assertOfMany(hostileName, 200, async (given) => {
    const taken: string[] = [];
    for (const name of given) {
      const result = rendered(() => etcdCommand(name, [name], TOKEN));
      if ("text" in result) taken.push(name);
      else expect(result.refusal).toMatch(/^Not a name for etcd: ".*"\. It takes up to 63 letters/);
      expect("text" in rendered(() => etcdCommand("etcd-1", ["etcd-1"], name))).toBe("text" in result);
    }
    // The longest among them: each takes etcd a second to start.
    const names = [...new Set(taken)].sort((a, b) => b.length - a.length).slice(0, 3);
    expect(names).toHaveLength(3);
    const { status, output } = await runProgram("etcd", ["bash", "-c", READ], {
      ...(await tlsFiles("etcd-1")),
      "/commands": names.map((name) => `${etcdCommand(name, [name], TOKEN).join("\x1f")}\n`).join(""),
    });
    expect(status, output).toBe(0);
    const found = output
      .trim()
      .split("\n")
      .map((line) => {
        const { members } = JSON.parse(line) as { members: Record<string, unknown>[] };
        return members.map(({ name, peerURLs, clientURLs }) => ({ name, peerURLs, clientURLs }));
      });
    expect(found).toEqual(
      names.map((name) => [
        {
          name,
          peerURLs: [`https://${name}:${PEER_PORT}`],
          clientURLs: [`https://${name}:${CLIENT_PORT}`],
        },
      ]),
    );
  });
});
