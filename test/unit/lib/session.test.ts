import { createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { inSession, isUnreachable, openSession } from "../../../lib/postgres/session.ts";
import { TimedOut } from "../../../lib/wait.ts";

const READY = Buffer.from("R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I", "latin1");

let server: Server | undefined;
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  server?.close();
});

/** A server that takes a client in, or does not even do that, and then says nothing more. */
async function silentServer({ authenticates, port = 0 }: { authenticates: boolean; port?: number }) {
  const created = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    if (authenticates) socket.once("data", () => socket.write(READY));
  });
  server = created;
  await new Promise<void>((resolve) => created.listen(port, "127.0.0.1", resolve));
  return (created.address() as { port: number }).port;
}

const login = (port: number) => ({ host: "127.0.0.1", port, database: "d", user: "u", password: "hunter2" });
const url = (port: number) => ({ at: `postgresql://u:hunter2@127.0.0.1:${port}/d` });
const failure = (work: Promise<unknown>): Promise<Error & { code?: string }> =>
  work.then(
    () => expect.fail("it succeeded"),
    (error: Error) => error,
  );

test("an address where nobody listens: names it and the remedy where SQL files are to be run", async () => {
  const error = await failure(openSession(login(1)));
  expect(error.message).toBe(
    "cannot connect to 127.0.0.1:1/d as u: connect ECONNREFUSED 127.0.0.1:1. " +
      "Is the primary up? `npm run report` and `docker logs` of the members tell.",
  );
  expect(isUnreachable(error.cause)).toBe(true);
});

test.each([
  ["a URL", url(1)],
  ["a login", { at: login(1) }],
])("an address where nobody listens, as %s: the error is pg's own, with its code", async (_, connection) => {
  const error = await failure(openSession(connection));
  expect(error).toMatchObject({ code: "ECONNREFUSED", message: "connect ECONNREFUSED 127.0.0.1:1" });
  expect(JSON.stringify([error.message, error.stack])).not.toContain("hunter2");
});

test("tries again for as long as it is told to, and says so once", async () => {
  const lines: string[] = [];
  const begun = performance.now();
  const options = { patienceMs: 1_200, log: (line: string) => void lines.push(line) };
  const error = await failure(openSession(login(1), options));
  expect(performance.now() - begun).toBeGreaterThan(1_100);
  expect(error.message).toContain("connect ECONNREFUSED");
  expect(lines).toEqual(["waiting for 127.0.0.1:1/d as u"]);
});

test("opens the session once the server takes connections", async () => {
  const port = await silentServer({ authenticates: true });
  const freed = server!;
  await new Promise((resolve) => freed.close(resolve));
  let isBack: Promise<unknown> | undefined;
  const log = () => void (isBack = silentServer({ authenticates: true, port }));
  const client = await openSession(url(port), { patienceMs: 20_000, log });
  await isBack;
  void client.end();
});

test("does not wait for a server that takes a connection and says nothing", async () => {
  const port = await silentServer({ authenticates: false });
  const error = await failure(openSession(url(port), { connectWithinMs: 50 }));
  expect(error.message).toBe("timeout expired");
  expect(isUnreachable(error)).toBe(true);
});

test("rejects a statement that takes too long", async () => {
  const port = await silentServer({ authenticates: true });
  const asked = inSession(url(port), (client) => client.query("SELECT 1"), { answerWithinMs: 50 });
  expect((await failure(asked)).message).toBe("Query read timeout");
});

test("cuts a session whose server hangs when it is told of the end", async () => {
  const port = await silentServer({ authenticates: true });
  const begun = performance.now();
  expect(await inSession(url(port), async () => "done")).toBe("done");
  expect(performance.now() - begun).toBeLessThan(25_000);
});

test("takes a limit of its own for an answer that may come later", () => {
  expect(isUnreachable(new TimedOut("x"))).toBe(true);
  expect(isUnreachable(Object.assign(new Error("x"), { code: "28P01" }))).toBe(false);
});
