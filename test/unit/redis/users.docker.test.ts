import { inspect } from "node:util";
import fc from "fast-check";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dockerCommand } from "../../../components/docker.ts";
import { NODE_FILE, usersFile } from "../../../components/redis/nodeFiles.ts";
import { connect } from "../../../components/redis/nodes.ts";
import { testAuthority } from "../../support/certificates.ts";
import { ENGINE } from "../../support/images.ts";
import { freePorts } from "../../support/ports.ts";
import { ADMIN, ADMIN_PASSWORD, TestCluster } from "./testCluster.ts";

const PORT = await freePorts(1);
const single = new TestCluster("acgs-redis-users-test", 1, PORT);

beforeAll(() => single.start(), 120_000);
afterAll(() => single.remove(), 60_000);

/** On a connection of its own: Redis closes those of users that it loads anew. */
async function asAdmin(...command: [string, ...string[]]): Promise<unknown> {
  const { redis } = await connect("redis-1", `127.0.0.1:${PORT}`, ADMIN, Date.now() + 30_000);
  try {
    return await redis.call(...command);
  } finally {
    redis.disconnect();
  }
}

async function loadUsers(application: string): Promise<void> {
  const script = `cat > ${NODE_FILE.users}`;
  const file = usersFile({ application, admin: ADMIN_PASSWORD });
  await dockerCommand(ENGINE, ["exec", "-i", single.container(0), "sh", "-c", script], file);
  expect(await asAdmin("ACL", "LOAD")).toBe("OK");
}

/** Whether Redis takes the password. */
async function admits(username: string | undefined, password: string): Promise<boolean> {
  const client = new Redis({
    host: "127.0.0.1",
    port: PORT,
    tls: { ca: testAuthority },
    lazyConnect: true,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await (username ? client.auth(username, password) : client.auth(password))) === "OK";
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

describe("the users of a node, read back by a real Redis", () => {
  it(
    "admits exactly the password that was given, whatever characters it holds",
    { timeout: 120_000 },
    async () => {
      const passwords = fc.oneof(
        fc.string({ minLength: 1, maxLength: 60, unit: "binary" }),
        fc.string({ minLength: 1, unit: fc.constantFrom(..." '\"\\\n\r\t#><~&*+-@$(){}%|") }),
      );
      await fc.assert(
        fc.asyncProperty(passwords, async (password) => {
          await loadUsers(password);
          expect(await admits("acgs", password)).toBe(true);
          expect(await admits("acgs", `${password}x`)).toBe(false);
          expect(await admits(undefined, password)).toBe(false);
        }),
        { numRuns: 40 },
      );
    },
  );

  const mayRun = async (user: string, ...command: string[]) =>
    (await asAdmin("ACL", "DRYRUN", user, ...command)) === "OK";

  it.each([
    [["GET", "k"]],
    [["SET", "k", "v", "EX", "60"]],
    [["EVAL", "return 1", "0"]],
    [["PUBLISH", "c", "m"]],
    [["MULTI"]],
    [["INFO"]],
    [["READONLY"]],
    [["ASKING"]],
    [["CLUSTER", "SLOTS"]],
    [["CLUSTER", "SHARDS"]],
    [["CLUSTER", "NODES"]],
    [["CLUSTER", "INFO"]],
  ])("lets applications run %j", async (command) => {
    expect(await mayRun("acgs", ...command)).toBe(true);
  });

  it.each([
    [["CONFIG", "GET", "*"]],
    [["ACL", "LIST"]],
    [["FLUSHALL"]],
    [["KEYS", "*"]],
    [["SHUTDOWN"]],
    [["DEBUG", "SLEEP", "1"]],
    [["REPLICAOF", "h", "1"]],
    [["CLUSTER", "RESET"]],
    [["CLUSTER", "MEET", "h", "1"]],
    [["CLUSTER", "FAILOVER"]],
    [["CLIENT", "KILL", "x"]],
    [["MONITOR"]],
  ])("keeps applications from %j", async (command) => {
    expect(await mayRun("acgs", ...command)).toBe(false);
  });

  it.each([[["GET", "k"]], [["SET", "k", "v"]], [["CLUSTER", "RESET"]], [["CONFIG", "GET", "*"]]])(
    "keeps nodes among each other from %j",
    async (command) => {
      expect(await mayRun("peer", ...command)).toBe(false);
    },
  );
});

it("names the node and no password when a password is refused", { timeout: 20_000 }, async () => {
  const attempt = connect(
    "redis-1",
    `127.0.0.1:${PORT}`,
    { ...ADMIN, password: "not-the-password" },
    Date.now() + 60_000,
  );
  const error = await attempt.then(
    () => undefined,
    (reason: Error) => reason,
  );
  expect(error?.message).toContain(`Redis node redis-1 at 127.0.0.1:${PORT} cannot be used: WRONGPASS`);
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("not-the-password");
});
