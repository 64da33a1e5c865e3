import { spawnSync } from "node:child_process";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { connectionUrl } from "../../../components/stack/outputs.ts";
import { dotenv } from "../../../lib/text/dotenv.ts";
import { CLIENT_LOGINS, SERVICES } from "../../../lib/names.ts";
import { clientEnvironment, loginNamed, postgresUrl, redisAccess } from "../../../operations/clientAccess.ts";

const HOSTILE = "p:a/s?s@w&o r'd\\%";
const url = (login: string, database: string) =>
  connectionUrl({
    ...{ login, password: HOSTILE, host: "::1", port: 6432, database },
    options: { sslmode: "verify-full" },
  });
const pool = { size: 1, reserve: 0, maxClients: 1 };
const urls = (login: string) => ({ url: url(login, "acgs_db"), readUrl: url(login, "acgs_db_ro") });
const outputs = {
  services: Object.fromEntries(CLIENT_LOGINS.map((login) => [login, { ...urls(login), pool }])),
  readonly: urls("acgs_readonly"),
  monitor: { url: url("acgs_monitor", "acgs_db") },
  redis: {
    version: "7.0.15",
    nodes: [
      { host: "::1", port: 7001 },
      { host: "db.example", port: 7002 },
    ],
    username: "acgs",
    password: HOSTILE,
    users: Object.fromEntries(
      SERVICES.map(({ login, schema }) => [
        login,
        { username: login, password: HOSTILE, keyPrefix: `${schema}:`, ttl: {} },
      ]),
    ),
  },
} as unknown as Parameters<typeof clientEnvironment>[0];

describe("logins", () => {
  it("have short names", () => {
    expect(
      ["dgm", "dgm_service", "acgs_user", "readonly", "monitor", "prod", "postgres"].map(loginNamed),
    ).toEqual([
      ...["dgm_service", "dgm_service", "acgs_user", "acgs_readonly", "acgs_monitor", undefined, undefined],
    ]);
  });
});

describe("the environment of a service", () => {
  const file = "/a path/authority.pem";
  const env = clientEnvironment(outputs, "dgm_service", file);

  it("has URLs that clients read with every part intact", () => {
    for (const [name, database] of [
      ["DATABASE_URL", "acgs_db"],
      ["DATABASE_READ_URL", "acgs_db_ro"],
    ] as const) {
      const parsed = new URL(env[name]!);
      expect(parsed.searchParams.get("sslrootcert")).toBe(file);
      expect(parsed.searchParams.get("sslmode")).toBe("verify-full");
      parsed.search = "";
      const { user, password, host, port, database: its } = new pg.Client({ connectionString: parsed.href });
      expect({ user, password, host: host.replace(/[[\]]/g, ""), port, its }).toEqual({
        ...{ user: "dgm_service", password: HOSTILE, host: "::1", port: 6432, its: database },
      });
    }
    expect(decodeURIComponent(new URL(env["REDIS_URL"]!).password)).toBe(HOSTILE);
    expect(env).toMatchObject({
      REDIS_NODES: "[::1]:7001,db.example:7002",
      REDIS_KEY_PREFIX: "dgm:",
      REDIS_CA_FILE: file,
    });
  });

  it("reaches a shell that reads its lines unchanged", () => {
    const script = `set -a; eval "$(cat)"; exec ${JSON.stringify(process.execPath)} -p "JSON.stringify(process.env)"`;
    const { stdout } = spawnSync("sh", ["-c", script], { input: dotenv(env), encoding: "utf8", env: {} });
    expect(JSON.parse(stdout)).toMatchObject(env);
  });

  it("is refused where a line cannot hold a value", () => {
    expect(() => dotenv({ A: "it's" })).toThrow("cannot hold A");
    expect(() => dotenv({ A: "two\nlines" })).toThrow("cannot hold A");
  });
});

describe("a login without such access", () => {
  it("is named", () => {
    expect(() => postgresUrl(outputs, "acgs_monitor", "replicas", "/x")).toThrow(
      "acgs_monitor has no URL for the replicas",
    );
    expect(() => redisAccess(outputs, "acgs_readonly")).toThrow("acgs_readonly has no user of Redis");
    expect(redisAccess(outputs, "acgs_user").username).toBe("acgs");
  });
});
