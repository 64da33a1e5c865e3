import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { isUnreachable, openSession } from "../../../lib/postgres/session.ts";
import { superuserClient } from "../../../lib/postgres/localSocket.ts";
import { ENGINE } from "../../../testing/images.ts";
import { createDatabase, type TestDatabase } from "../../support/sqlDatabase.ts";

let database: TestDatabase;
const address = () => ({ docker: ENGINE, container: inject("sqlServer").container });
const open = async () => {
  const client = superuserClient(address(), { database: database.connection.database });
  await client.connect();
  return client;
};

beforeAll(async () => {
  database = await createDatabase();
});

afterAll(async () => {
  await database.drop();
});

describe("a session over the local socket of a container", () => {
  test("is the superuser's, without a password", async () => {
    const client = await open();
    const { rows } = await client.query("SELECT session_user::text AS who, inet_client_addr() AS from");
    expect(rows).toEqual([{ who: "postgres", from: null }]);
    await client.end();
  });

  test("carries more than its buffers hold, both ways", async () => {
    const client = await open();
    const text = "0123456789abcdeé".repeat(1_000_000);
    const { rows } = await client.query<{ text: string }>("SELECT $1::text AS text", [text]);
    expect(rows[0]!.text === text).toBe(true);
    await client.end();
  });

  test("ends on the server when it ends here, and when it is cut off", async () => {
    const admin = await database.connect();
    const sessions = async () =>
      (await admin.query("SELECT FROM pg_stat_activity WHERE application_name LIKE 'test of a socket %'"))
        .rowCount;
    for (const [i, leave] of ["end", "cut"].entries()) {
      const client = await open();
      await client.query(`SET application_name = 'test of a socket ${i}'`);
      expect(await sessions()).toBe(1);
      if (leave === "end") await client.end();
      else (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
      await vi.waitFor(async () => expect(await sessions()).toBe(0), { timeout: 30_000, interval: 100 });
    }
  });

  test("that the server ends rejects what runs", async () => {
    const [admin, client] = [await database.connect(), await open()];
    const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    const sleeps = client.query("SELECT pg_sleep(60)").catch((error: Error) => error);
    await vi.waitFor(
      async () => {
        const { rowCount } = await admin.query(
          "SELECT FROM pg_stat_activity WHERE pid = $1 AND query ~ 'pg_sleep'",
          [rows[0]!.pid],
        );
        expect(rowCount).toBe(1);
      },
      { timeout: 30_000, interval: 50 },
    );
    await admin.query("SELECT pg_terminate_backend($1)", [rows[0]!.pid]);
    expect(await sleeps).toMatchObject({ code: "57P01" });
    await client.end();
  });

  test.each([
    ["no container", "acgs-no-such"],
    ["no engine", undefined],
  ])("where there is %s is refused as by a network", async (_what, container) => {
    const where = container
      ? { docker: ENGINE, container }
      : { ...address(), docker: "unix:///no/such.sock" };
    const error: unknown = await superuserClient(where, {})
      .connect()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "ECONNREFUSED" });
    expect(isUnreachable(error)).toBe(true);
  });
});

describe("a session on the primary of a cluster", () => {
  const session = (...containers: string[]) => {
    const members = Object.fromEntries(
      containers.map((container, i) => [`postgres-${i + 1}`, { docker: ENGINE, container }]),
    );
    return openSession({ database: database.connection.database, members });
  };

  test("passes members over that are away", async () => {
    const client = await session("acgs-no-such", address().container);
    expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
    await client.end();
  });

  test("tells where it looked, and what to do", async () => {
    await expect(session("acgs-no-such", "acgs-nor-this")).rejects.toThrow(
      /^cannot connect to test_\w+ on the primary among postgres-1, postgres-2: acgs-no-such: .*no such container.*docker logs/i,
    );
  });
});
