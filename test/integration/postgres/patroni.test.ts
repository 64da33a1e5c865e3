import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clusterRules, patroniMember, patroniSecrets } from "../../../components/postgres/patroni.ts";
import { assertOfMany, hostileName, hostilePassword, hostileText, rendered } from "../../support/hostile.ts";
import { runProgram } from "../../../testing/program.ts";

const MEMBER = { scope: "acgs-dev", name: "postgres-1", etcd: ["etcd-1:2379", "etcd-2:2379"] };

/** Reads the folders with both files as Patroni does, and prints what it holds then. */
const READ = `
import json, pathlib, sys, tempfile
from patroni.config import Config
held = []
for member, secrets in json.load(open("/cases.json")):
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "10-member.yml").write_text(member)
        pathlib.Path(folder, "20-secrets.yml").write_text(secrets)
        c = Config(folder)
        held.append({"name": c["name"], "scope": c["scope"], "etcd": c["etcd3"]["hosts"], "listen": c["restapi"]["listen"],
          "password": c["restapi"]["authentication"]["password"]})
print(json.dumps(held))
`;

describe("Patroni's files", () => {
  it("are read back by Patroni as they were meant, or are refused", { timeout: 60_000 }, async () => {
    const one = fc.record({
      scope: hostileName,
      name: hostileName,
      password: fc.oneof(hostilePassword, hostileText),
    });
    await assertOfMany(one, 400, async (given) => {
      const held: unknown[] = [];
      const cases: [string, string][] = [];
      for (const { scope, name, password } of given) {
        const member = rendered(() => patroniMember({ ...MEMBER, scope, name }));
        const own = rendered(() => patroniSecrets(password));
        const names = "text" in member ? { scope, name } : { scope: MEMBER.scope, name: MEMBER.name };
        if ("refusal" in member)
          expect(member.refusal).toMatch(/^Not a name for Patroni: ".*"\. It takes up to 63/);
        if ("refusal" in own) {
          expect(own.refusal).toBe("Patroni cannot read NUL or half a character.");
          expect(password).toMatch(/[\0\p{Surrogate}]/u);
          continue;
        }
        cases.push(["text" in member ? member.text : patroniMember(MEMBER), own.text]);
        held.push({ ...names, etcd: MEMBER.etcd, listen: "0.0.0.0:8008", password });
      }
      expect(cases.length).toBeGreaterThan(100);
      const { status, output } = await runProgram("postgres", ["python3", "-c", READ], {
        "/cases.json": JSON.stringify(cases),
      });
      expect(status, output.slice(-2000)).toBe(0);
      expect(JSON.parse(output.trim().split("\n").at(-1)!)).toEqual(held);
    });
  });

  it("hold no password outside the secret file", () => {
    expect(patroniMember(MEMBER)).not.toContain("password");
  });
});

describe("clusterRules", () => {
  it("are asynchronous where there is nobody to wait for, and strict with three", () => {
    expect(clusterRules(2, "off")).toMatchObject({ synchronous_mode: "off", synchronous_mode_strict: false });
    expect(clusterRules(3, "quorum")).toMatchObject({
      synchronous_mode: "quorum",
      synchronous_mode_strict: true,
      synchronous_node_count: 1,
      failsafe_mode: true,
      primary_stop_timeout: 60,
    });
  });
});
