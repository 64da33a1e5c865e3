import { inspect } from "node:util";
import fc from "fast-check";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { exec } from "../../../lib/docker/exec.ts";
import { CACHE_USERS } from "../../../components/roles/cacheUsers.ts";
import { NODE_FILE } from "../../../components/redis/nodeFiles.ts";
import { connect } from "../../../components/redis/nodes.ts";
import { usersFile } from "../../../components/redis/users.ts";
import { testAuthority } from "../../../testing/certificates.ts";
import { ENGINE } from "../../../testing/images.ts";
import { freePorts } from "../../../testing/ports.ts";
import { commandsOf, type RedisCommand } from "../../unit/redis/commands.ts";
import { ADMIN, PASSWORDS, TestCluster } from "../../unit/redis/testCluster.ts";

const PORT = await freePorts(1);
const single = new TestCluster("acgs-redis-users-test", 1, PORT);

beforeAll(() => single.start(), 120_000);
afterAll(() => single.remove(), 60_000);

/** On a connection of its own: Redis closes those of users that it loads anew. */
async function asAdmin(...command: [string, ...string[]]): Promise<unknown> {
  const { redis } = await connect("redis-1", `127.0.0.1:${PORT}`, ADMIN, 30_000);
  try {
    return await redis.call(...command);
  } finally {
    redis.disconnect();
  }
}

async function loadUsers(passwords: Readonly<Record<string, string[]>>): Promise<void> {
  const script = `cat > ${NODE_FILE.users}`;
  const all = Object.fromEntries(Object.entries(PASSWORDS).map(([user, password]) => [user, [password]]));
  const file = usersFile({ ...all, ...passwords });
  await exec({ docker: ENGINE, container: single.container(0) }, ["sh", "-c", script], { input: file });
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
          await loadUsers({ acgs: [password], dgm_service: [password, "the one before"] });
          expect(await admits("acgs", password)).toBe(true);
          expect(await admits("dgm_service", password)).toBe(true);
          expect(await admits("dgm_service", "the one before")).toBe(true);
          expect(await admits("auth_service", password)).toBe(false);
          expect(await admits("acgs", `${password}x`)).toBe(false);
          expect(await admits(undefined, password)).toBe(false);
        }),
        { numRuns: 40 },
      );
    },
  );
});

/** As Redis' categories and the table of users say: what each may run, on keys and channels of which names. */
const CLUSTER_CLIENT = ["slots", "shards", "nodes", "info", "myid", "keyslot"].map((sub) => `cluster|${sub}`);
const OF_NOBODY =
  /^(scan|randomkey|dbsize|pubsub.*|function.*|cluster.*|client\|tracking|script\|(flush|kill))$/;
const OF_PEERS = ["ping", "psync", "replconf", "info", "cluster|meet", "cluster|nodes", "cluster|info"];

/** What Redis takes from whoever has not logged in yet. */
const BEFORE_LOG_IN = ["auth", "hello", "quit", "reset"];

function mayRun(user: string, { name, categories }: RedisCommand): boolean {
  if (user === "admin" || BEFORE_LOG_IN.includes(name)) return true;
  if (user === "default") return false;
  if (user === "peer") return OF_PEERS.includes(name);
  if (name === "info" || CLUSTER_CLIENT.includes(name)) return true;
  if (categories.includes("admin") || categories.includes("dangerous")) return false;
  return user === "acgs" || !OF_NOBODY.test(name);
}

const USERS = [...CACHE_USERS.map(({ name }) => name), "admin", "peer", "default"];
const prefixOf = (user: string) => CACHE_USERS.find(({ name }) => name === user)?.keyPrefix;
/** A name under each service's prefix, and some that only look so. */
const NAMES = [
  ...CACHE_USERS.map(({ keyPrefix }) => `${keyPrefix}x`),
  ...["auth", "authx:1", "AUTH:1", " auth:1", "{auth:}1", "auth:*", "dgm:*", "*", "dgm", "x:dgm:1", ""],
];

describe("every user", () => {
  let commands: RedisCommand[];
  beforeAll(async () => {
    await loadUsers({});
    commands = commandsOf(await asAdmin("COMMAND"));
  });

  it(
    "may run what its line says of every command, on keys and channels of every prefix, and no more",
    { timeout: 120_000 },
    async () => {
      expect(commands.length).toBeGreaterThan(350);
      const categories = new Set(commands.flatMap((command) => command.categories));
      expect(categories.size).toBeGreaterThan(18);
      const trials = USERS.flatMap((user) =>
        commands.flatMap((command) =>
          (command.named === "nothing" ? ["x"] : NAMES).map((name) => {
            const prefix = prefixOf(user);
            // Redis allows a pattern of channels only exactly as the user's line has it.
            const reaches =
              user === "admin" ||
              prefix === "" ||
              (prefix !== undefined &&
                (command.name === "psubscribe" ? name === `${prefix}*` : name.startsWith(prefix)));
            const allowed = mayRun(user, command) && (command.named === "nothing" || reaches);
            return { user, words: command.words(name), allowed };
          }),
        ),
      );
      const { redis } = await connect("redis-1", `127.0.0.1:${PORT}`, ADMIN, 30_000);
      const pipeline = redis.pipeline();
      for (const { user, words } of trials) pipeline.call("ACL", "DRYRUN", user, ...words);
      const answers = (await pipeline.exec())!;
      redis.disconnect();
      const wrong = trials.flatMap(({ user, words, allowed }, i) => {
        const [error, answer] = answers[i]!;
        const said = error ? error.message : String(answer);
        return (said === "OK") === allowed && !error
          ? []
          : [`${user}, ${allowed ? "" : "not "}allowed: ${words.join(" ")}: ${said}`];
      });
      expect(wrong).toEqual([]);
      console.log(
        `${trials.length} combinations, ${trials.filter(({ allowed }) => allowed).length} of them allowed`,
      );
    },
  );

  it("really does so: on a connection of its own, with its own password", { timeout: 120_000 }, async () => {
    // One node holds all slots, so that what is allowed is carried out.
    await asAdmin("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    await vi.waitFor(
      async () => expect(String(await asAdmin("CLUSTER", "INFO"))).toContain("cluster_state:ok"),
      30_000,
    );
    let tried = 0;
    for (const { name: user, keyPrefix } of CACHE_USERS) {
      const client = new Redis({
        host: "127.0.0.1",
        port: PORT,
        tls: { ca: testAuthority },
        username: user,
        password: PASSWORDS[user]!,
        enableReadyCheck: false,
        maxRetriesPerRequest: 0,
      });
      client.on("error", () => undefined);
      const refused = async (...words: [string, ...string[]]): Promise<boolean> => {
        tried++;
        try {
          await client.call(...words);
          return false;
        } catch (error) {
          if ((error as Error).message.startsWith("NOPERM")) return true;
          // Of what a script calls, Redis tells it in other words.
          if ((error as Error).message.startsWith("ERR The user executing the script can't access"))
            return true;
          throw new Error(`${user}: ${words.join(" ")}: ${(error as Error).message}`, { cause: error });
        }
      };
      for (const { keyPrefix: other } of CACHE_USERS) {
        const key = `${other}{t}${user}`;
        const foreign = !key.startsWith(keyPrefix);
        for (const words of ON_KEYS(key))
          expect([user, words, await refused(...words)]).toEqual([user, words, foreign]);
      }
      for (const words of ADMINISTRATION)
        expect([user, words, await refused(...words)]).toEqual([user, words, true]);
      client.disconnect();
    }
    expect(tried).toBeGreaterThan(1_500);
    console.log(`${tried} commands executed`);
  });
});

/** Each kind of value, read, written and deleted; scripts, whose keys are not declared among them. */
const ON_KEYS = (key: string): [string, ...string[]][] => [
  ["SET", key, "v", "EX", "60"],
  ["GET", key],
  ["EXISTS", key],
  ["EXPIRE", key, "60"],
  ["TTL", key],
  ["RENAME", key, `${key}2`],
  ["COPY", `${key}2`, key],
  ["EVAL", "return redis.call('GET', KEYS[1])", "1", key],
  ["EVAL", `return redis.call('SET', '${key}', 'v')`, "0"],
  ["DEL", key, `${key}2`],
  ["HSET", `${key}h`, "f", "v"],
  ["LPUSH", `${key}l`, "v"],
  ["SADD", `${key}s`, "v"],
  ["ZADD", `${key}z`, "1", "v"],
  ["XADD", `${key}x`, "*", "f", "v"],
  ["PUBLISH", key, "m"],
  ["SPUBLISH", key, "m"],
];

const ADMINISTRATION: [string, ...string[]][] = [
  ["CONFIG", "GET", "*"],
  ["CONFIG", "SET", "maxmemory", "1gb"],
  ["ACL", "LIST"],
  ["ACL", "SETUSER", "mine"],
  ["FLUSHALL"],
  ["FLUSHDB"],
  ["KEYS", "*"],
  ["SHUTDOWN"],
  ["REPLICAOF", "h", "1"],
  ["CLUSTER", "RESET"],
  ["CLUSTER", "MEET", "h", "1"],
  ["CLUSTER", "FAILOVER"],
  ["CLIENT", "KILL", "TYPE", "normal"],
  ["CLIENT", "LIST"],
  ["MODULE", "LIST"],
  ["SLOWLOG", "GET"],
  ["BGSAVE"],
  ["MIGRATE", "h", "1", "k", "0", "1"],
  ["SWAPDB", "0", "1"],
];

it("names the node and no password when a password is refused", { timeout: 20_000 }, async () => {
  const attempt = connect(
    "redis-1",
    `127.0.0.1:${PORT}`,
    { ...ADMIN, passwords: ["not-the-password"] },
    60_000,
  );
  const error = await attempt.then(
    () => undefined,
    (reason: Error) => reason,
  );
  expect(error?.message).toContain(`Redis node redis-1 at 127.0.0.1:${PORT} cannot be used: WRONGPASS`);
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("not-the-password");
});
