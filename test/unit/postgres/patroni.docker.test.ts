import { describe, expect, it } from "vitest";
import {
  clusterRules,
  MEMBER_FILE,
  patroniMember,
  patroniSecrets,
  SECRETS_FILE,
} from "../../../components/postgres/patroni.ts";
import { runProgram } from "../../support/program.ts";

const MEMBER = { scope: "acgs-dev", name: "postgres-1", etcd: ["etcd-1:2379", "etcd-2:2379"] };
const AWKWARD = `quote " apostrophe ' colon : hash # backslash \\ percent % dollar $`;
const secrets = (password: string) =>
  patroniSecrets({ superuser: password, replication: password, rewind: password, rest: password });

/** Reads both files as Patroni does, a folder of them, and prints what it holds then. */
const READ = `
import json
from patroni.config import Config
c = Config("/run/acgs/patroni")
print(json.dumps({"name": c["name"], "scope": c["scope"], "etcd": c["etcd3"]["hosts"],
  "password": c["postgresql"]["authentication"]["superuser"]["password"],
  "rest": c["restapi"]["authentication"]["password"], "listen": c["restapi"]["listen"]}))
`;

describe("Patroni's files", () => {
  it("are read back by Patroni as one configuration, whatever a password holds", async () => {
    const { status, output } = await runProgram("postgres", ["python3", "-c", READ], {
      [MEMBER_FILE]: patroniMember(MEMBER),
      [SECRETS_FILE]: secrets(AWKWARD),
    });
    expect(status, output).toBe(0);
    expect(JSON.parse(output.trim().split("\n").at(-1)!)).toEqual({
      name: "postgres-1",
      scope: "acgs-dev",
      etcd: MEMBER.etcd,
      password: AWKWARD,
      rest: AWKWARD,
      listen: "0.0.0.0:8008",
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
    });
  });
});
