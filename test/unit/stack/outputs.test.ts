import fc from "fast-check";
import { parse } from "pg-connection-string";
import { describe, expect, it } from "vitest";
import { CLIENT_LOGINS, SERVICES } from "../../../lib/names.ts";
import {
  cacheTtlSeconds,
  connectionUrl,
  multiHostUrl,
  stackOutputsSchema,
} from "../../../components/stack/outputs.ts";

const url = "postgresql://auth_service:secret@127.0.0.1:6432/auth_service";
const multi = "postgresql://auth_service:secret@127.0.0.1:6432,127.0.0.1:6433/auth_service";
const writes = { url, urls: [url], multiHostUrl: multi };
const both = { ...writes, readUrl: url, readUrls: [url], multiHostReadUrl: multi };
const sound = {
  prefix: "acgs-dev",
  hosts: [{ name: "local", docker: "unix:///var/run/docker.sock", address: "127.0.0.1" }],
  writer: { host: "127.0.0.1", port: 6432, database: "acgs_db" },
  poolers: [{ host: "127.0.0.1", port: 6432 }],
  reader: { host: "127.0.0.1", port: 6432, database: "acgs_db_ro" },
  services: Object.fromEntries(
    CLIENT_LOGINS.map((login) => [login, { ...both, pool: { size: 1, reserve: 0, maxClients: 1 } }]),
  ),
  monitor: writes,
  tls: {
    authority: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    authorityEndsAt: "2036-11-18T21:00:00.000Z",
    certificatesEndAt: "2027-11-21T21:00:00.000Z",
  },
  readonly: both,
  postgres: {
    version: "15.20",
    members: [{ name: "postgres-1", host: "127.0.0.1", port: 5433, rest: "https://127.0.0.1:8008" }],
    parameters: { work_mem: "4MB" },
    pendingRestart: [],
  },
  redis: {
    version: "7.0.15",
    nodes: [6379, 6380, 6381].map((port) => ({ host: "127.0.0.1", port })),
    username: "acgs",
    password: "secret",
    users: Object.fromEntries(
      SERVICES.map(({ login, schema }) => [
        login,
        { username: login, password: "secret", keyPrefix: `${schema}:`, ttl: { apiResponses: 600 } },
      ]),
    ),
  },
  cache: cacheTtlSeconds,
  sql: { applied: [{ schema: "dgm", file: "V001__tables.sql", sha256: "0".repeat(64) }], pending: [] },
};

describe("the outputs' schema", () => {
  it("takes sound outputs, and parts that a later version adds", () => {
    expect(stackOutputsSchema.parse(sound)).toEqual(sound);
    expect(stackOutputsSchema.safeParse({ ...sound, later: 1 }).success).toBe(true);
  });

  it.each([
    ["services.auth_service", { ...sound, services: { ...sound.services, auth_service: undefined } }],
    ["services", { ...sound, services: { ...sound.services, nobody: sound.services["acgs_user"] } }],
    ["writer.port", { ...sound, writer: { ...sound.writer, port: "6432" } }],
    ["monitor.url", { ...sound, monitor: { ...writes, url: "[secret]" } }],
    ["monitor.urls", { ...sound, monitor: { ...writes, urls: [] } }],
    ["monitor.multiHostUrl", { ...sound, monitor: { ...writes, multiHostUrl: "[secret]" } }],
    ["postgres.version", { ...sound, postgres: { ...sound.postgres, version: "16.1" } }],
    ["cache.authTokens", { ...sound, cache: { ...sound.cache, authTokens: undefined } }],
    ["readonly.readUrl", { ...sound, readonly: { ...both, readUrl: undefined } }],
    [
      "redis.users.dgm_service",
      { ...sound, redis: { ...sound.redis, users: { ...sound.redis.users, dgm_service: undefined } } },
    ],
    ["sql.pending", { ...sound, sql: { applied: [] } }],
  ])("refuses a wrong %s", (path, outputs) => {
    const result = stackOutputsSchema.safeParse(outputs);
    expect(result.error?.issues.map((issue) => issue.path.join("."))).toEqual([path]);
  });
});

it("keeps the requirements' eight TTLs", () => {
  expect(cacheTtlSeconds).toEqual({
    userSessions: 1800,
    authTokens: 3600,
    policyDecisions: 300,
    governanceRules: 3600,
    staticConfiguration: 86400,
    apiResponses: 600,
    complianceChecks: 900,
    synthesisResults: 1200,
  });
});

describe("connectionUrl", () => {
  const base = { login: "auth_service", password: "p", host: "127.0.0.1", port: 6432, database: "acgs_db" };

  it("encodes what has a meaning in a URL", () => {
    const options = { application_name: "a b", sslmode: "disable" };
    expect(connectionUrl({ ...base, password: "a@b:c/d?e#f%g+h i", options })).toBe(
      "postgresql://auth_service:a%40b%3Ac%2Fd%3Fe%23f%25g%2Bh%20i@127.0.0.1:6432/acgs_db?application_name=a%20b&sslmode=disable",
    );
  });

  it("puts an IPv6 address in brackets", () => {
    expect(connectionUrl({ ...base, host: "fd00::1" })).toBe(
      "postgresql://auth_service:p@[fd00::1]:6432/acgs_db",
    );
  });

  it("lists several servers as libpq reads them, each with its port", () => {
    const addresses = [
      { host: "db.example", port: 6432 },
      { host: "fd00::1", port: 6433 },
    ];
    const options = { sslmode: "verify-full" };
    expect(multiHostUrl({ login: "a", password: "p@", database: "acgs_db", addresses, options })).toBe(
      "postgresql://a:p%40@db.example:6432,[fd00::1]:6433/acgs_db?sslmode=verify-full",
    );
  });

  const text = fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" });
  const connection = fc.record({
    login: text,
    password: text,
    host: fc.oneof(fc.domain(), fc.ipV4(), fc.constantFrom("localhost", "fd00::1", "2001:db8::42")),
    port: fc.integer({ min: 1, max: 65_535 }),
    database: fc.stringMatching(/^[a-z_][a-z0-9_]{0,30}$/),
    options: fc.dictionary(
      fc.stringMatching(/^[a-z_]{3,12}$/).map((name) => `x${name}`),
      text,
      { maxKeys: 3 },
    ),
  });

  it("comes back whole from the URL parser", () => {
    fc.assert(
      fc.property(connection, (given) => {
        const parsed = new URL(connectionUrl(given));
        expect({
          login: decodeURIComponent(parsed.username),
          password: decodeURIComponent(parsed.password),
          host: parsed.hostname.replace(/^\[(.*)\]$/, "$1"),
          port: Number(parsed.port),
          database: decodeURIComponent(parsed.pathname.slice(1)),
          options: Object.fromEntries(parsed.searchParams),
        }).toEqual({ ...given, options: { ...given.options } });
      }),
    );
  });

  it("comes back whole from the parser of node-postgres", () => {
    fc.assert(
      fc.property(connection, (given) => {
        const parsed = parse(connectionUrl(given)) as unknown as Record<string, unknown>;
        expect(parsed).toMatchObject({
          user: given.login,
          password: given.password,
          host: given.host,
          port: String(given.port),
          database: given.database,
          ...given.options,
        });
      }),
    );
  });
});
